/** Reading parts of a file. React Native's Blob cannot be read by itself, and its FileReader gives nothing but text. */

export async function readBytes(data: Uint8Array | Blob, from: number, to: number): Promise<Uint8Array> {
  if (data instanceof Uint8Array) return data.subarray(from, to);
  const part = data.slice(from, to);
  if ('arrayBuffer' in part) return new Uint8Array(await part.arrayBuffer());
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(fromDataUrl(String(reader.result)));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(part);
  });
}

/** The bytes behind `data:…;base64,`. */
const fromDataUrl = (url: string): Uint8Array =>
  Uint8Array.from(atob(url.slice(url.indexOf(',') + 1)), (char) => char.charCodeAt(0));
