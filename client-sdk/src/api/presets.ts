/** `presets.*`: what can be changed and protected, with names to show. Needs no user. */
import type { PresetId } from '../concepts.ts';
import type { CallOptions } from './call.ts';

export interface LocalizedName {
  en: string;
  ko: string;
}

export interface Preset {
  id: PresetId;
  name: LocalizedName;
  concepts: { id: string; name: LocalizedName }[];
  /** What can only be protected. */
  protectOnly: { id: string; name: LocalizedName }[];
  protectByDefault: string[];
  palette: { id: string; hex: string; name: LocalizedName }[];
  /** `images` is how many come out. */
  outputTemplates: { id: string; name: LocalizedName; images: number; layout: string }[];
}

export interface PresetsApi {
  list(options?: CallOptions): Promise<Preset[]>;
  /** Throws PRESET_NOT_FOUND. */
  get(input: { id: PresetId }, options?: CallOptions): Promise<Preset>;
}
