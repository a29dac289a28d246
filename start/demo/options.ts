/** What `npm run demo -- …` was asked to do. */
import path from 'node:path';
import { RESULT_FORMATS } from '../../server/src/contract/jobs.ts';
import { flag, oneOf, optionsOf, text, texts } from '../options.ts';
import { fromRoot } from '../paths.ts';

export const USAGE = `npm run demo -- [options]

  --photos DIR           a folder of photos; may be given several times. Left out: the folders of examples/photos
  --preset P             interior or seller, for every --photos folder; left out: told by the folder's name
  --rule FILE            JSON { "concepts": { … }, "protect": [ … ] }; left out: examples/rules/PRESET.json
  --format F             jpeg, png or webp: what the results are encoded as; left out: png, since only that
                         shows to the pixel what was left alone
  --expect-failed NAME   a file that should not come out; may be given several times
  --out DIR              where the contact sheet goes; left out: demo-output
  --help

GPU_WORKERS=n           in the environment: n reference GPU workers behind a queue, as with npm run dev`;

export type Options = ReturnType<typeof parseOptions>;

/** Throws an error with the usage for an option that does not exist. Paths are relative to where npm was called. */
export function parseOptions(args: string[]) {
  const given = optionsOf(OPTIONS, args, USAGE);
  const here = (dir: string) => path.resolve(process.env.INIT_CWD ?? process.cwd(), dir);
  return {
    photos: given.photos.map(here),
    preset: given.preset,
    format: given.format,
    rule: given.rule === null ? null : here(given.rule),
    expectFailed: new Set(given['expect-failed']),
    out: given.out === null ? fromRoot('demo-output') : here(given.out),
    help: given.help,
  };
}

const OPTIONS = {
  photos: texts,
  preset: text(null),
  rule: text(null),
  format: oneOf(RESULT_FORMATS, 'png'),
  'expect-failed': texts,
  out: text(null),
  help: flag('h'),
};
