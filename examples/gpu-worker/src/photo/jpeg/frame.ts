// The frame of a JPEG: what its SOF segment says of size and components, and how many blocks these have.

export interface Component {
  readonly id: number;
  readonly across: number;
  readonly down: number;
  readonly quantisation: number;
  /** blocks that hold pixels */
  readonly columns: number;
  readonly rows: number;
  /** blocks stored, whole MCUs */
  readonly stride: number;
  /** progressive: 1 where a coefficient is not 0, 64 a block; refining scans skip by it */
  readonly nonzero: Uint8Array | null;
  /** by coefficient: the lowest bit that is there; -1 when none is */
  readonly lowestBit: Int8Array;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly precision: number;
  readonly progressive: boolean;
  /** arithmetic and lossless coding are not followed here */
  readonly huffman: boolean;
  readonly mcusAcross: number;
  readonly mcusDown: number;
  readonly components: readonly Component[];
}

/** `marker`: the second byte of the SOF marker; `body`: the segment without its length. Null when it is no frame. */
export function readFrame(marker: number, body: Uint8Array): Frame | null {
  if (body.length < 6) return null;
  const count = body[5]!;
  const height = (body[1]! << 8) | body[2]!;
  const width = (body[3]! << 8) | body[4]!;
  if (body.length < 6 + 3 * count || count === 0 || count > 4 || width === 0 || height === 0) return null;
  const stated = Array.from({ length: count }, (_, k) => {
    const at = 6 + 3 * k;
    const sampling = body[at + 1]!;
    return { id: body[at]!, across: sampling >> 4, down: sampling & 15, quantisation: body[at + 2]! & 3 };
  });
  if (stated.some(({ across, down }) => across < 1 || across > 4 || down < 1 || down > 4)) return null;
  const mostAcross = Math.max(...stated.map(({ across }) => across));
  const mostDown = Math.max(...stated.map(({ down }) => down));
  const mcusAcross = Math.ceil(width / (8 * mostAcross));
  const mcusDown = Math.ceil(height / (8 * mostDown));
  const progressive = marker === 0xc2;
  const huffman = marker <= 0xc2;
  const components = stated.map((component) => {
    const stride = mcusAcross * component.across;
    return {
      ...component,
      columns: Math.ceil(Math.ceil((width * component.across) / mostAcross) / 8),
      rows: Math.ceil(Math.ceil((height * component.down) / mostDown) / 8),
      stride,
      nonzero: null,
      lowestBit: new Int8Array(64).fill(-1),
    };
  });
  return { width, height, precision: body[0]!, progressive, huffman, mcusAcross, mcusDown, components };
}

/** The frame with room for what refining scans need; a byte a coefficient, so only for a frame that is to be followed. */
export function withRoom(frame: Frame): Frame {
  if (!frame.progressive) return frame;
  const components = frame.components.map((component) => ({
    ...component,
    nonzero: new Uint8Array(64 * component.stride * frame.mcusDown * component.down),
  }));
  return { ...frame, components };
}
