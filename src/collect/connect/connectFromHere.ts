import { createConnection } from 'node:net';
import type { ConnectEnd, ConnectPlace } from '../../model/Connections.ts';
import { connectRate } from './connectInput.ts';

/** A lost SYN is sent again after one second. */
const timeoutMs = 2000;

/** Opens a connection to each place from where this program runs, and closes it at once. UDP is not tried. */
export async function connectFromHere(
  places: readonly ConnectPlace[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, ConnectEnd>> {
  const ends = new Map<number, ConnectEnd>();
  const open: Promise<unknown>[] = [];
  for (const [number, place] of places.entries()) {
    if (signal?.aborted === true) break;
    if (place.protocol !== 'TCP') continue;
    open.push(connectTo(place).then((end) => ends.set(number, end)));
    await new Promise((resolve) => setTimeout(resolve, 1000 / connectRate));
  }
  await Promise.all(open);
  return ends;
}

function connectTo({ address, port }: ConnectPlace): Promise<ConnectEnd> {
  const begin = performance.now();
  const { promise, resolve } = Promise.withResolvers<ConnectEnd>();
  const socket = createConnection({ host: address, port, timeout: timeoutMs });
  const end = (outcome: ConnectEnd['outcome'], detail = ''): void => {
    socket.destroy();
    resolve({ outcome, ms: Math.round(performance.now() - begin), detail });
  };
  socket.once('connect', () => end('open'));
  socket.once('timeout', () => end('timeout', 'no answer'));
  socket.once('error', (error: NodeJS.ErrnoException) =>
    end(error.code === 'ECONNREFUSED' ? 'refused' : error.code === 'ETIMEDOUT' ? 'timeout' : 'failed', error.message),
  );
  return promise;
}
