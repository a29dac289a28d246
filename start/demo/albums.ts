/** The photos to run, in albums: one folder each, with the rule to apply to it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { ConceptMap } from '../../server/src/contract/concepts.ts';
import { PRESETS, type PresetId } from '../../server/src/contract/presets.ts';
import { fromRoot } from '../paths.ts';
import { distinctNames } from './names.ts';
import type { Options } from './options.ts';

/** Whether its concepts, actions and protects fit the preset is for the server to say. */
export type Rule = { concepts: ConceptMap; protect: string[] };
/** `stem`: what its results are named by, distinct within its album. */
export type Photo = { name: string; file: string; stem: string };
export type Album = { name: string; preset: PresetId; rule: Rule; photos: Photo[] };

/** Files that a person would call a photo by their name. What they are is for the SDK to find out. */
const PHOTO_NAME = /\.(jpe?g|png|webp|hei[cf]|avif|jxl|gif|tiff?|bmp|dng|cr[23]|nef|arw)$/i;

export function readAlbums(options: Options): Album[] {
  const folders = options.photos.length > 0 ? options.photos : exampleFolders();
  const names = distinctNames(folders.map((folder) => path.basename(folder)));
  return folders.map((folder, nth) => {
    const preset = presetOf(folder, options.preset);
    const photos = photosIn(folder);
    if (photos.length === 0) throw new Error(`${folder} holds no photos`);
    return { name: names[nth]!, preset, rule: readRule(preset, options.rule), photos };
  });
}

function exampleFolders(): string[] {
  const root = fromRoot('examples', 'photos');
  return Object.keys(PRESETS)
    .map((preset) => path.join(root, preset))
    .filter((folder) => existsSync(folder));
}

function photosIn(folder: string): Photo[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new Error(`${folder} is not a folder`);
  const names = readdirSync(folder)
    .filter((name) => PHOTO_NAME.test(name) && !name.startsWith('.'))
    .sort();
  const stems = distinctNames(names.map((name) => path.parse(name).name));
  return names.map((name, nth) => ({ name, file: path.join(folder, name), stem: stems[nth]! }));
}

function presetOf(folder: string, given: string | null): PresetId {
  const name = given ?? path.basename(folder);
  if (isPreset(name)) return name;
  const known = Object.keys(PRESETS).join(', ');
  if (given !== null) throw new Error(`there is no preset "${given}": the presets are ${known}`);
  throw new Error(`which preset is ${folder}? Say --preset, one of ${known}`);
}

const isPreset = (name: string): name is PresetId => Object.hasOwn(PRESETS, name);

function readRule(preset: PresetId, given: string | null): Rule {
  const file = given ?? fromRoot('examples', 'rules', `${preset}.json`);
  let rule: unknown;
  try {
    rule = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`the rule ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isRule(rule)) throw new Error(`the rule ${file} is not of the form { "concepts": { … }, "protect": [ … ] }`);
  return { concepts: rule.concepts, protect: rule.protect ?? [...PRESETS[preset].protectByDefault] };
}

function isRule(value: unknown): value is { concepts: ConceptMap; protect?: string[] } {
  if (typeof value !== 'object' || value === null || !('concepts' in value)) return false;
  if (typeof value.concepts !== 'object' || value.concepts === null) return false;
  return !('protect' in value) || Array.isArray(value.protect);
}
