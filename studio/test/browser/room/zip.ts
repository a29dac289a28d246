/** Opens a ZIP file as it stands on the disk: names and contents by its own list, checksums compared. */
import { crc32, inflateRawSync } from 'node:zlib';

export interface ZipEntry {
  name: string;
  data: Buffer;
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;

/** Throws for what is no whole ZIP file. */
export function unzip(file: Buffer): ZipEntry[] {
  const end = file.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || file.readUInt32LE(end) !== END) throw new Error('the file has no end of a ZIP');
  const count = file.readUInt16LE(end + 10);
  let at = file.readUInt32LE(end + 16);
  return Array.from({ length: count }, () => {
    if (file.readUInt32LE(at) !== ENTRY) throw new Error('the list of the ZIP is broken');
    const lengths = [28, 30, 32].map((field) => file.readUInt16LE(at + field));
    const [nameLength = 0, extra = 0, comment = 0] = lengths;
    const name = file.toString('utf8', at + 46, at + 46 + nameLength);
    const data = contentOf(file, at);
    if (crc32(data) !== file.readUInt32LE(at + 16)) throw new Error(`${name} is damaged`);
    at += 46 + nameLength + extra + comment;
    return { name, data };
  });
}

function contentOf(file: Buffer, entry: number): Buffer {
  const method = file.readUInt16LE(entry + 10);
  const size = file.readUInt32LE(entry + 20);
  const header = file.readUInt32LE(entry + 42);
  const from = header + 30 + file.readUInt16LE(header + 26) + file.readUInt16LE(header + 28);
  const data = file.subarray(from, from + size);
  if (method === 0) return data;
  if (method === 8) return inflateRawSync(data);
  throw new Error(`the ZIP packs by method ${method}`);
}
