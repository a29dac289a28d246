/** The tarball that `npm publish` would send. */
import path from 'node:path';
import { fromRoot } from '../../../start/paths.ts';
import { runStep } from '../../../start/run-step.ts';
import { buildClientSdk } from '../../build-if-stale.ts';

export interface Packed {
  tarball: string;
  /** Their paths in the package. */
  files: string[];
}

/** Builds the package if it has to, and packs it into `folder`. */
export async function packClient(folder: string): Promise<Packed> {
  await buildClientSdk();
  const { ok, output } = await runStep('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: fromRoot('client-sdk'),
  });
  if (!ok) throw new Error(`npm pack failed:\n${output.trim()}`);
  // npm warns on the same stream before the JSON begins, and names the package above it since version 11.
  const json: unknown = JSON.parse(output.slice(output.search(/^[[{]/m), output.search(/^[\]}]$/m) + 1));
  const [packed] = Object.values(json as object) as { filename: string; files: { path: string }[] }[];
  if (packed === undefined) throw new Error(`npm pack said nothing of what it packed:\n${output.trim()}`);
  return { tarball: path.join(folder, packed.filename), files: packed.files.map((file) => file.path) };
}
