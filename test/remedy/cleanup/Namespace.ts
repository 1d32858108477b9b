import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const programs = [
  'iptables-nft-restore',
  'ip6tables-nft-restore',
  'iptables-legacy-restore',
  'nft',
  'ipset',
  'unshare',
  'nsenter',
];

/** Why rules of a private network namespace can't be tried on this machine; undefined: they can. */
export function whyNoNamespace(): string | undefined {
  if (process.platform !== 'linux') return 'no Linux';
  if (process.getuid?.() !== 0) return 'not root';
  const lacking = programs.filter((name) => spawnSync('bash', ['-c', `command -v ${name}`]).status !== 0);
  if (lacking.length > 0) return `not installed: ${lacking.join(', ')}`;
  const tried = spawnSync('unshare', ['-n', 'bash', '-c', 'iptables-nft-save && iptables-legacy -t nat -L -n']);
  return tried.status === 0 ? undefined : `no network namespace with iptables: ${tried.stderr.toString().trim()}`;
}

export interface Ran {
  readonly exitCode: number;
  readonly output: string;
}

/** A network namespace of its own, with a folder for files; everything goes with `close`. */
export class Namespace {
  readonly folder = mkdtempSync(join(tmpdir(), 'kpr-netns-'));
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  static async open(): Promise<Namespace> {
    const holder = spawn('unshare', ['-n', 'bash', '-c', 'echo ready; exec sleep 600'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (holder.stdout !== null) await once(holder.stdout, 'data');
    return new Namespace(holder);
  }

  close(): void {
    this.#holder.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o755 });
    return path;
  }

  /**
   * Runs bash in it (--norc: it reads one where its input is a socket, as Node's are). Back-ups go to the folder;
   * programs there come before the machine's.
   */
  async run(script: string, input = ''): Promise<Ran> {
    const child = spawn('nsenter', ['-t', String(this.#holder.pid), '-n', 'bash', '--norc', '-c', script], {
      env: { PATH: `${this.folder}:/usr/sbin:/usr/bin:/sbin:/bin`, KPR_BACKUP_DIR: this.folder },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number | null];
    return { exitCode: code ?? 128, output };
  }

  /** The same, and it must succeed. */
  async must(script: string, input = ''): Promise<string> {
    const { exitCode, output } = await this.run(script, input);
    if (exitCode !== 0) throw new Error(`${script} ended with ${exitCode}: ${output}`);
    return output;
  }

  /** All four dumps as they are, with counters. */
  async dumps(): Promise<Readonly<Record<Pair, string>>> {
    const text = await this.must(
      pairs.map((pair) => `${commandOf(pair, 'save')} -c 2>/dev/null | grep -v '^#'; echo ----`).join('\n'),
    );
    const [a = '', b = '', c = '', d = ''] = text.split('----\n');
    return { 'nft-ipv4': a, 'nft-ipv6': b, 'legacy-ipv4': c, 'legacy-ipv6': d };
  }
}

export type Pair = 'nft-ipv4' | 'nft-ipv6' | 'legacy-ipv4' | 'legacy-ipv6';
export const pairs: readonly Pair[] = ['nft-ipv4', 'nft-ipv6', 'legacy-ipv4', 'legacy-ipv6'];

/** e.g. `ip6tables-legacy-save` */
export function commandOf(pair: Pair, what: 'save' | 'restore' | ''): string {
  const [backend, family] = pair.split('-');
  return `${family === 'ipv6' ? 'ip6tables' : 'iptables'}-${backend}${what === '' ? '' : `-${what}`}`;
}
