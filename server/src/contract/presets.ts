/** The presets as data: concepts, protected things, palettes and output templates, with names in Korean and English. */
import * as z from 'zod/mini';
import { cutText } from './text.ts';

type Name = { readonly en: string; readonly ko: string };
const name = (en: string, ko: string): Name => ({ en, ko });

export const PRESETS = {
  interior: {
    name: name('Interior', '인테리어'),
    concepts: {
      Wall: name('Wall', '벽'),
      Floor: name('Floor', '바닥'),
      Ceiling: name('Ceiling', '천장'),
      Window: name('Window', '창문'),
      Door: name('Door', '문'),
      Frame_Molding: name('Frame and molding', '몰딩'),
      Tile: name('Tile', '타일'),
      Grout: name('Grout', '줄눈'),
      Cabinet: name('Cabinet', '수납장'),
      Countertop: name('Countertop', '상판'),
      Light: name('Light', '조명'),
      Handle: name('Handle', '손잡이'),
    },
    protectOnly: { Glass_highlight: name('Glass highlight', '유리 하이라이트') },
    protectByDefault: ['Grout', 'Frame_Molding', 'Glass_highlight'],
    palette: {
      oak: { hex: '#C8A27A', name: name('Oak', '오크') },
      walnut: { hex: '#6B4A34', name: name('Walnut', '월넛') },
      'warm-white': { hex: '#F4EFE6', name: name('Warm white', '웜 화이트') },
      sage: { hex: '#A3B18A', name: name('Sage', '세이지') },
      'light-gray': { hex: '#CFD2D3', name: name('Light gray', '라이트 그레이') },
      charcoal: { hex: '#3D4145', name: name('Charcoal', '차콜') },
      navy: { hex: '#26364F', name: name('Navy', '네이비') },
      terracotta: { hex: '#C66B4A', name: name('Terracotta', '테라코타') },
    },
    outputTemplates: {
      'three-variant-pack': { name: name('Three-variant pack', '3가지 시안'), images: 3, layout: 'row' },
      'before-after': { name: name('Before and after', '전후 비교'), images: 2, layout: 'split' },
      'client-card': { name: name('Client card', '고객용 카드'), images: 1, layout: 'card' },
    },
  },
  seller: {
    name: name('Seller', '셀러'),
    concepts: {
      Body: name('Body', '본체'),
      Label_Text: name('Label text', '라벨 글자'),
      Logo: name('Logo', '로고'),
      Gloss: name('Gloss', '광택'),
      Parts: name('Parts', '부품'),
      Accessories: name('Accessories', '액세서리'),
    },
    protectOnly: {},
    protectByDefault: ['Label_Text', 'Logo', 'Gloss'],
    palette: {
      black: { hex: '#1E1E1E', name: name('Black', '블랙') },
      white: { hex: '#F7F7F5', name: name('White', '화이트') },
      silver: { hex: '#BFC3C7', name: name('Silver', '실버') },
      red: { hex: '#C0392B', name: name('Red', '레드') },
      blue: { hex: '#2F5DA8', name: name('Blue', '블루') },
      green: { hex: '#3F7D58', name: name('Green', '그린') },
      pink: { hex: '#E5A4B4', name: name('Pink', '핑크') },
      beige: { hex: '#D9C5A5', name: name('Beige', '베이지') },
    },
    outputTemplates: {
      'product-pack': { name: name('Product pack', '상품 팩'), images: 5, layout: 'grid' },
      'option-board': { name: name('Option board', '옵션 보드'), images: 1, layout: 'board' },
      'eight-thumbnails': { name: name('Eight thumbnails', '썸네일 8종'), images: 8, layout: 'grid' },
    },
  },
} as const;

export type PresetId = keyof typeof PRESETS;
export const PRESET_IDS = Object.keys(PRESETS) as PresetId[];

/** What may be changed in photos of preset `P`, such as `"Floor"`. */
export type ConceptOf<P extends PresetId> = keyof (typeof PRESETS)[P]['concepts'] & string;
/** What may be kept untouched in photos of preset `P`: its concepts and what can only be protected. */
export type ProtectOf<P extends PresetId> = ConceptOf<P> | (keyof (typeof PRESETS)[P]['protectOnly'] & string);
/** Names of the colours of preset `P`'s palette. */
export type PaletteOf<P extends PresetId> = keyof (typeof PRESETS)[P]['palette'] & string;
export type TemplateOf<P extends PresetId> = keyof (typeof PRESETS)[P]['outputTemplates'] & string;

/** Starts the message of the issue that an unknown preset gives, by which the border tells it from other bad input. */
export const UNKNOWN_PRESET = 'no preset has the id';
export const presetId = z.enum(PRESET_IDS as [PresetId, ...PresetId[]], {
  error: (issue) =>
    typeof issue.input === 'string' ? `${UNKNOWN_PRESET} "${cutText(issue.input, 64)}"` : 'must be the id of a preset',
});

export const localizedName = z.object({ en: z.string(), ko: z.string() });
export type LocalizedName = z.infer<typeof localizedName>;
/** What can be changed and protected in one kind of photo, with names to show. */
export const presetView = z.object({
  id: presetId,
  name: localizedName,
  concepts: z.array(z.object({ id: z.string(), name: localizedName })),
  /** What can only be protected. */
  protectOnly: z.array(z.object({ id: z.string(), name: localizedName })),
  protectByDefault: z.array(z.string()),
  palette: z.array(z.object({ id: z.string(), hex: z.string(), name: localizedName })),
  /** `images` is how many come out. */
  outputTemplates: z.array(z.object({ id: z.string(), name: localizedName, images: z.int(), layout: z.string() })),
});
export type Preset = z.infer<typeof presetView>;

export const presetGetInput = z.object({ id: presetId });
export const presetListOutput = z.array(presetView);
