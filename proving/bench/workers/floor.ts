/**
 * The floor: the least that a Worker can do on this machine. What the service's procedures cost is told as a multiple of it,
 * so that machines can be compared.
 */
import { DurableObject } from 'cloudflare:workers';

type FloorEnv = { DB: D1Database; LIMIT: RateLimit; FLOOR: DurableObjectNamespace<FloorDO> };

export class FloorDO extends DurableObject<FloorEnv> {
  constructor(ctx: DurableObjectState, env: FloorEnv) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS value (id INTEGER PRIMARY KEY, text TEXT NOT NULL)');
    ctx.storage.sql.exec("INSERT INTO value (id, text) VALUES (1, 'ok') ON CONFLICT DO NOTHING");
  }

  read(): string {
    return this.ctx.storage.sql.exec<{ text: string }>('SELECT text FROM value WHERE id = 1').one().text;
  }

  write(): string {
    this.ctx.storage.sql.exec("INSERT INTO value (text) VALUES ('ok')");
    return 'ok';
  }
}

export default {
  async fetch(request, { DB, FLOOR, LIMIT }) {
    const object = () => FLOOR.get(FLOOR.idFromName('floor'));
    switch (new URL(request.url).pathname) {
      case '/object-read':
        return new Response(await object().read());
      case '/object-write':
        return new Response(await object().write());
      case '/d1-read':
        return Response.json(await DB.prepare('SELECT text FROM value WHERE id = 1').first());
      case '/d1-insert':
        await DB.prepare("INSERT INTO value (text) VALUES ('ok')").run();
        return new Response('ok');
      case '/new-object':
        return new Response(await FLOOR.get(FLOOR.newUniqueId()).write());
      case '/rate-limit':
        return Response.json(await LIMIT.limit({ key: crypto.randomUUID() }));
      default:
        return new Response('ok');
    }
  },
} satisfies ExportedHandler<FloorEnv>;
