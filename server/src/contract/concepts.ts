/** What to do with a concept, and the bounded shapes of a concept map and a protect list. Whether they fit the preset is domain/presets.ts. */
import * as z from 'zod/mini';
import { list, text } from './schema.ts';

export const TONES = ['warm', 'cool', 'brighter', 'darker'] as const;
export type Tone = (typeof TONES)[number];
export const TEXTURES = ['wood', 'marble', 'concrete', 'linen'] as const;
export type Texture = (typeof TEXTURES)[number];

/** Longest id of a concept, colour, rule value or template. */
const MAX_ID = 64;
/** More than any preset has concepts. */
const MAX_CONCEPTS = 32;

/** One change: `recolor` takes `#RRGGBB` or the name of a palette colour. */
export const conceptAction = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('recolor'), value: text(1, MAX_ID) }),
  z.strictObject({ action: z.literal('tone'), value: z.enum(TONES) }),
  z.strictObject({ action: z.literal('texture'), value: z.enum(TEXTURES) }),
  z.strictObject({ action: z.literal('remove') }),
]);
export type ConceptAction = z.infer<typeof conceptAction>;

/** Concept id → what to do with it; at least one. */
export const conceptMap = z.record(text(1, MAX_ID), conceptAction).check(
  z.refine((map) => Object.keys(map).length >= 1, 'names at least one concept'),
  z.refine((map) => Object.keys(map).length <= MAX_CONCEPTS, `names at most ${MAX_CONCEPTS} concepts`),
);
/** What to change, by names that the server checks. */
export type ConceptMap = Record<string, ConceptAction>;

export const protectList = list(text(1, MAX_ID), 0, MAX_CONCEPTS);
export const outputTemplateId = text(1, MAX_ID);
