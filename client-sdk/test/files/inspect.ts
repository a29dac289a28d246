/** What a file is, as the client has it looked at. */
import type { InvalidFileReason } from '../../src/errors.ts';
import type { PhotoType } from '../../src/generated/types.ts';
import { readBytes } from '../../src/upload/bytes.ts';
import * as inspector from '../../src/upload/inspect/index.ts';
import { takenType } from '../../src/upload/photo-type.ts';

export const inspect = (data: Uint8Array | Blob): Promise<PhotoType | InvalidFileReason> =>
  inspector.inspect(data, readBytes, takenType);
