/** Bytes on a TCP connection, for requests that no client would send. */
import { connect } from 'node:net';

export type RawAnswer = {
  /** 0 when the connection was closed without an answer. */
  status: number;
  body: string;
};

/** Sends `text` and reads until the other side closes, or `patience` milliseconds have passed. The status is that of the last answer. */
export function rawRequest(port: number, text: string, patience: number): Promise<RawAnswer> {
  const { promise, resolve } = Promise.withResolvers<RawAnswer>();
  let received = '';
  const socket = connect(port, '127.0.0.1', () => socket.write(text));
  const end = () => {
    clearTimeout(timer);
    socket.destroy();
    const statuses = [...received.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)];
    resolve({ status: Number(statuses.at(-1)?.[1] ?? 0), body: received.slice(received.indexOf('\r\n\r\n') + 4) });
  };
  const timer = setTimeout(end, patience);
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.on('error', end);
  socket.on('close', end);
  return promise;
}
