/** The floor Worker in a workerd of its own, started like the service. */
import { build } from 'esbuild';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { freePort } from '../../start/local/ports.ts';
import { fromRoot } from '../../start/paths.ts';
import { workerdPids } from './speed/workerd-cpu.ts';
import { inMemory } from './start.ts';

export type Floor = { url: string; pid: number; stop(): Promise<void> };

export async function startFloor(): Promise<Floor> {
  const { outputFiles } = await build({
    entryPoints: [fromRoot('proving', 'bench', 'workers', 'floor.ts')],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2024',
    external: ['cloudflare:*'],
  });
  const folder = inMemory('floor');
  const port = await freePort();
  const before = workerdPids();
  const mf = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port,
      cf: false,
      resourcePersistencePath: folder.path,
      log: new Log(LogLevel.NONE),
      telemetry: { enabled: false },
      logRequests: false,
      name: 'floor',
      compatibilityDate: '2026-10-01',
      compatibilityFlags: ['nodejs_compat'],
      modules: [{ type: 'ESModule', path: 'floor.js', contents: outputFiles[0]?.text ?? '' }],
      d1Databases: { DB: 'floor' },
      ratelimits: { LIMIT: { namespace_id: '1', simple: { limit: 1_000_000_000, period: 60 } } },
      durableObjects: { FLOOR: { className: 'FloorDO', useSQLite: true } },
    }),
  );
  await mf.ready;
  const db = await mf.getD1Database('DB');
  await db.exec('CREATE TABLE value (id INTEGER PRIMARY KEY, text TEXT NOT NULL)');
  await db.exec("INSERT INTO value (id, text) VALUES (1, 'ok')");
  const stop = async () => {
    await mf.dispose();
    folder.remove();
  };
  const pid = workerdPids().find((one) => !before.includes(one));
  if (pid === undefined) throw new Error('no workerd process was found in /proc');
  return { url: `http://127.0.0.1:${port}`, pid, stop };
}
