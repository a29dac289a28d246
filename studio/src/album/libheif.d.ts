/** What is used of libheif's JavaScript API, which its own declarations leave out. */
declare module 'libheif-js/libheif-wasm/libheif.js' {
  interface HeifImage {
    get_width(): number;
    get_height(): number;
    /** Fills `pixels` (RGBA) and gives it back; null when that fails. */
    display(pixels: ImageData, shown: (pixels: ImageData | null) => void): void;
    free(): void;
  }
  export default function libheif(options: { wasmBinary: ArrayBuffer }): {
    HeifDecoder: new () => { decode(file: Uint8Array): HeifImage[] };
  };
}
