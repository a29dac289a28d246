/**
 * What an app's own minifier cannot do for the package, and so is done before: it takes the top-level constants of a bundle for variables,
 * and has to leave the names of properties alone.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Plugin, transform } from 'esbuild';
import { minify } from 'vite';

/**
 * Properties that nobody reads but the code in src/, which are shortened. Not among them may be what is public, crosses the wire, is stored,
 * or is handed over by `inside.ts`, which another copy of the package may have made; nor what some code names by a text.
 */
const INTERNAL = [
  ...['alsoThere', 'arrived', 'arrivedBut', 'attention', 'bare', 'baseMs', 'bring', 'bringing', 'brings', 'canceling'],
  ...['capMs', 'counts', 'doubt', 'elsewhere', 'establish', 'forked', 'givenToken', 'handed', 'heard', 'holders'],
  ...['isAt', 'keyed', 'listen', 'moved', 'nudge', 'onBytes', 'onChanged', 'onEvent', 'onOpen', 'onSent', 'onUploaded'],
  ...['pausing', 'presence', 'refuse', 'renewNow', 'safe', 'saved', 'storageKey', 'store', 'told', 'undoing'],
  'wire',
  // Of what sets are drawn from.
  ...['altered', 'area', 'block', 'bold', 'box', 'clipped', 'colours', 'foot', 'gap', 'heading'],
  ...['labels', 'look', 'measure', 'ops', 'part', 'pitch', 'radius', 'shown'],
  ...['slack', 'small', 'strong', 'texts', 'tight', 'unit'],
];

/** For `mangleProps`. */
export const INTERNAL_NAMES = new RegExp(`^(?:${INTERNAL.join('|')})$`);

/**
 * @param declarations what is public @param code what was built @param loaded what modules export that are loaded on first use: it is read off
 *   them by its name
 * @throws Error for a name that is to be seen from outside.
 */
export function checkInternalNames(declarations: string, code: string, loaded: readonly string[]): void {
  const seen = INTERNAL.filter(
    (name) =>
      loaded.includes(name) ||
      new RegExp(`^ *(?:readonly )?${name}\\??[:(<]`, 'm').test(declarations) ||
      new RegExp(`["'\`.]${name}["'\`]`).test(code),
  );
  if (seen.length > 0) throw new Error(`shrink.ts: ${seen.join(', ')} is named in public, by a text, or by a module`);
}

/** Each file of `folder` on its own, constants where they are used. */
export const inlineConstants = (folder: string): Plugin => ({
  name: 'inline-constants',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
      if (!file.startsWith(folder + path.sep)) return undefined;
      const { code } = await transform(readFileSync(file, 'utf8'), {
        loader: 'ts',
        target: 'es2022',
        sourcefile: file,
      });
      const options = {
        module: true,
        compress: { target: 'es2022' },
        mangle: false,
        codegen: { removeWhitespace: false },
      };
      const result = await minify(file.replace(/\.ts$/, '.js'), code, options);
      const [wrong] = result.errors;
      if (wrong !== undefined) throw new Error(`${file}: ${wrong.message}`);
      return { contents: result.code, loader: 'js' };
    }),
});
