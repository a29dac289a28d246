/** What `npm run demo -- …` was asked to do. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { RESULT_FORMATS, type ResultFormat } from '../../server/src/contract/jobs.ts';
import { fromRoot } from '../paths.ts';

export const USAGE = `npm run demo -- [options]

  --photos DIR           a folder of photos; may be given several times. Left out: the folders of examples/photos
  --preset P             interior or seller, for every --photos folder; left out: told by the folder's name
  --rule FILE            JSON { "concepts": { … }, "protect": [ … ] }; left out: examples/rules/PRESET.json
  --format F             jpeg, png or webp: what the results are encoded as; left out: png, since only that
                         shows to the pixel what was left alone
  --expect-failed NAME   a file that should not come out; may be given several times
  --out DIR              where the contact sheet goes; left out: demo-output
  --help`;

export type Options = {
  photos: string[];
  preset: string | null;
  rule: string | null;
  format: ResultFormat;
  expectFailed: Set<string>;
  out: string;
  help: boolean;
};

/** Throws an error with the usage for an option that does not exist. Paths are relative to where npm was called. */
export function parseOptions(args: string[]): Options {
  const values = parse(args);
  const here = process.env.INIT_CWD ?? process.cwd();
  return {
    photos: values.photos.map((dir) => path.resolve(here, dir)),
    preset: values.preset ?? null,
    format: formatOf(values.format),
    rule: values.rule === undefined ? null : path.resolve(here, values.rule),
    expectFailed: new Set(values['expect-failed']),
    out: values.out === undefined ? fromRoot('demo-output') : path.resolve(here, values.out),
    help: values.help,
  };
}

function formatOf(given: string): ResultFormat {
  const format = RESULT_FORMATS.find((one) => one === given);
  if (format === undefined) throw new Error(`--format ${given}: it is one of ${RESULT_FORMATS.join(', ')}\n\n${USAGE}`);
  return format;
}

function parse(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        photos: { type: 'string', multiple: true, default: [] },
        preset: { type: 'string' },
        rule: { type: 'string' },
        format: { type: 'string', default: 'png' },
        'expect-failed': { type: 'string', multiple: true, default: [] },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}
