/** The suite in a Worker: a request with the target as its body is answered with a line of JSON for each case, as they end. */
import { runSuite, type Target } from '../suite.ts';

export default {
  async fetch(request: Request): Promise<Response> {
    const target = (await request.json()) as Target;
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const text = new TextEncoder();
    const write = (line: unknown) => writer.write(text.encode(`${JSON.stringify(line)}\n`));
    runSuite(target, write).then(
      () => writer.close(),
      (error: unknown) => writer.abort(error),
    );
    return new Response(readable);
  },
};
