// A picture as it is worked on.

export interface Pixels {
  /** 3 bytes a pixel, sRGB, not multiplied by alpha */
  readonly rgb: Uint8Array;
  /** a byte a pixel; null when all of it is opaque */
  readonly alpha: Uint8Array | null;
  readonly width: number;
  readonly height: number;
}
