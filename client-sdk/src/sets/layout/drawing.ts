/** What a picture is made of: operations for the renderer, in pixels and in the order in which they are drawn. */
import type { PictureSize } from '../types.ts';
import type { Box, Placed } from './boxes.ts';

/** A photo as it was (`look` null) or in one of the looks. */
export interface Shown {
  readonly photo: number;
  readonly look: number | null;
}

/** `swatch` is round, with a thin line around it, so that white is seen on white. */
export interface FillOp {
  readonly op: 'fill' | 'swatch';
  readonly box: Box;
  readonly colour: string;
}
export interface ImageOp extends Placed {
  readonly op: 'image';
  readonly shown: Shown;
  readonly radius: number;
}
/** One line, at the left of its box. */
export interface TextOp {
  readonly op: 'text';
  readonly box: Box;
  readonly text: string;
  /** Pixels. */
  readonly size: number;
  readonly bold: boolean;
  readonly colour: string;
}
export type DrawOp = FillOp | ImageOp | TextOp;

export interface Drawing extends PictureSize {
  readonly ops: readonly DrawOp[];
}

/** A part of a picture, or all of it. */
export interface Drawn {
  readonly ops: readonly DrawOp[];
  /** Whether words were left out for want of room. */
  readonly clipped: boolean;
  /** Pixels of photos. */
  readonly shown: number;
  /** Of the height, what nothing is on. */
  readonly slack: number;
}

/** Pixels that a line of text takes in the font that it is drawn in. */
export type Measure = (text: string, size: number, bold: boolean) => number;
