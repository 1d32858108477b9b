import { gzipSync } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { connectShell } from '../../src/programs/programs.ts';
import { type AskedScript, askedSections } from './askedSections.ts';
import type { Behaviour } from './behaviours.ts';
import type { SimulatedNode } from './ClusterShape.ts';
import { type NodeAnswers, reachAnswer } from './NodeAnswers.ts';
import type { SimulatorOptions } from './options.ts';

export interface NodeOfExec {
  readonly node: SimulatedNode;
  readonly behaviour: Behaviour;
}

export interface ExecContext extends NodeOfExec {
  readonly answers: NodeAnswers;
  readonly options: SimulatorOptions;
  readonly command: readonly string[];
  readonly onBytes: (count: number) => void;
}

const stdoutChannel = Buffer.of(1);
const statusChannel = Buffer.of(3);
const success = Buffer.concat([statusChannel, Buffer.from('{"metadata":{},"status":"Success"}')]);
const killed = {
  metadata: {},
  status: 'Failure',
  message: 'command terminated with non-zero exit code: exit status 137',
  reason: 'NonZeroExitCode',
  details: { causes: [{ reason: 'ExitCode', message: '137' }] },
};
const killedStatus = Buffer.concat([statusChannel, Buffer.from(JSON.stringify(killed))]);
/** kubelets pass on what one read of a pipe gives. */
const frameBytes = 32 * 1024;
const slowMs = 3000;

/** Runs what is asked for in an agent's container: reads all of stdin, and answers as the node's behaviour has it. */
export function answerExec(socket: WebSocket, context: ExecContext): void {
  const pieces: Buffer[] = [];
  socket.on('error', () => {});
  socket.on('message', (data: Buffer) => {
    if (data[0] === 255) void answer(socket, context, Buffer.concat(pieces).toString('utf8'));
    else pieces.push(data.subarray(1));
  });
}

/** Of connections so many are left out, and so many are lost, of each the first. */
interface ConnectFate {
  readonly unsaid: number;
  readonly lost: number;
}

/** In a pod that was made: whatever is connected to answers, all others. */
export function answerConnects(socket: WebSocket, fate: ConnectFate): void {
  const pieces: Buffer[] = [];
  socket.on('error', () => {});
  socket.on('message', (data: Buffer) => {
    if (data[0] !== 255) return void pieces.push(data.subarray(1));
    socket.send(Buffer.concat([stdoutChannel, openEnds(Buffer.concat(pieces).toString('utf8'), fate)]));
    socket.send(success);
    socket.close(1000);
  });
}

/** As src/programs/connect/connect.pl prints them. */
function openEnds(stdin: string, { unsaid, lost }: ConnectFate = { unsaid: 0, lost: 0 }): Buffer {
  const [, , ...places] = stdin.slice(stdin.indexOf('__END__')).split('\n');
  const numbers = places.flatMap((line) => (/^\d+ /.test(line) ? [line.split(' ')[0]] : []));
  const ends = numbers.map((number, at) => (at < lost ? `${number} timeout 2000` : `${number} open 1`));
  return Buffer.from(`${[...ends.slice(unsaid), 'done'].join('\n')}\n`);
}

async function answer(socket: WebSocket, context: ExecContext, stdin: string): Promise<void> {
  const { behaviour, options } = context;
  if (behaviour === 'hung') return;
  if (options.latencyMs > 0) await sleep(options.latencyMs);
  if (behaviour === 'slow') await sleep(slowMs);
  const output = outputOf(context, stdin);
  const said = saidBy(context, output);
  await sendOutput(socket, said.output, context);
  if (said.ends) socket.send(behaviour === 'killed' ? killedStatus : success);
  socket.close(said.ends ? 1000 : 1011);
}

function outputOf({ command, answers, node, behaviour }: ExecContext, stdin: string): Buffer {
  if (command[0] === 'perl') return reachAnswer(stdin);
  if (command.at(-1) === connectShell) return openEnds(stdin);
  const asked = askedSections(command.at(-1) ?? '', stdin);
  const parts = asked.sections.flatMap((name) => {
    const text = name === 'reachProbe' ? reachAnswer(stdin) : answers.sectionOf(name, node, asked, behaviour);
    return section(name, asked, text);
  });
  return Buffer.concat([...parts, Buffer.from(`\n${asked.marker} done\n`)]);
}

function section(name: string, { marker, packed }: AskedScript, text: Buffer): readonly Buffer[] {
  const said = packed.has(name) ? Buffer.from(gzipSync(text).toString('base64')) : text;
  return [Buffer.from(`${marker} begin ${name}\n`), said, Buffer.from(`\n${marker} end ${name} 0 \n`)];
}

interface Said {
  readonly output: Buffer;
  readonly ends: boolean;
}

function saidBy({ behaviour, node }: ExecContext, output: Buffer): Said {
  if (behaviour === 'killed') return { output: output.subarray(0, output.length / 3), ends: true };
  return behaviour === 'corrupt' ? corrupted(output, node) : { output, ends: true };
}

/** What no agent prints: another thing on each node. */
function corrupted(output: Buffer, { index }: SimulatedNode): Said {
  switch (index % 4) {
    case 0:
      return { output: Buffer.alloc(10_000, 'xyzzy \u0001\u001b[31m {{{ \n'), ends: true };
    case 1:
      return { output: output.subarray(0, output.length / 3), ends: false };
    case 2:
      return { output: Buffer.alloc(0), ends: true };
    default: {
      const damaged = Buffer.from(output);
      for (let at = 500; at < damaged.length; at += 997) damaged[at] = 0x7e;
      return { output: damaged, ends: true };
    }
  }
}

async function sendOutput(socket: WebSocket, output: Buffer, { options, onBytes }: ExecContext): Promise<void> {
  onBytes(output.length);
  for (let at = 0; at < output.length && socket.readyState === socket.OPEN; at += frameBytes) {
    const piece = output.subarray(at, at + frameBytes);
    const isSent = Promise.withResolvers<void>();
    socket.send(Buffer.concat([stdoutChannel, piece]), () => isSent.resolve());
    if (options.bandwidth > 0) await sleep((1000 * piece.length) / options.bandwidth);
    // One that does not read is not written to without end.
    if (socket.bufferedAmount > 8 * frameBytes) await isSent.promise;
  }
}
