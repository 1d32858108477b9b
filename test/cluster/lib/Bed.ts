import { spawn, spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';

const program = join(import.meta.dirname, '..', 'bed');

export interface BedOptions {
  /** Number of the bed; several can be up on one machine. Default: `KPR_BED_ID`, or 0. */
  readonly id?: number;
  /** Default 3: n1, n2, n3. */
  readonly nodes?: number;
  /** A version of modules/cilium-*, or none: a plain network, on which only kube-proxy serves Services. */
  readonly cilium?: string;
  /** Helm values over the example's, e.g. `{ 'loadBalancer.algorithm': 'maglev' }`. */
  readonly helm?: HelmValues;
  readonly kubeProxy?: 'iptables' | 'nftables';
  readonly dualStack?: boolean;
  /** 1 to 3. */
  readonly apiServers?: number;
  /** Helm release and namespace of Cilium. */
  readonly release?: string;
  readonly namespace?: string;
  /** false: no DNS, no example, nothing but the system. */
  readonly workload?: boolean;
}
export type HelmValues = Readonly<Record<string, string | number | boolean>>;

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
export interface RunOptions {
  readonly input?: string;
  /** Milliseconds until the command is killed; default ten minutes. */
  readonly timeoutMs?: number;
  /** Show stderr as it comes, for what takes long. */
  readonly loud?: boolean;
}

/** What is not built yet is built first: twenty to forty minutes on two cores. */
const withBuildMs = 5_400_000;

/** A command of the bed failed. */
export class BedError extends Error {
  override readonly name = 'BedError';
  readonly result: CommandResult;

  constructor(args: readonly string[], result: CommandResult) {
    const said = (result.stderr || result.stdout).trim().split('\n').slice(-5).join('\n');
    super(`bed ${args.join(' ')} ended with status ${result.exitCode}: ${said}`);
    this.result = result;
  }

  /** This machine cannot run a bed; the message says why and what to do. */
  get unavailable(): boolean {
    return this.result.exitCode === 69;
  }
}

/**
 * A cluster of test/cluster/bed. What `up` brought up goes down when the process ends, however it ends,
 * except by SIGKILL.
 */
export class Bed {
  readonly id: number;
  readonly kubeconfig: string;
  static readonly #up = new Set<Bed>();

  private constructor(id: number) {
    this.id = id;
    const home = process.env['KPR_BED_HOME'] ?? join(homedir(), '.cache', 'kpr-bed');
    this.kubeconfig = join(home, 'beds', String(id), 'kubeconfig');
  }

  /** A bed that somebody else brought up; it stays up. */
  static at(id: number = Number(process.env['KPR_BED_ID'] ?? 0)): Bed {
    return new Bed(id);
  }

  /** Brings a new cluster up, in place of what is up under that number. */
  static async up(options: BedOptions = {}): Promise<Bed> {
    const bed = Bed.at(options.id);
    takeDownAtExit();
    Bed.#up.add(bed);
    await bed.#must(['up', ...upArguments(options)], { loud: true, timeoutMs: withBuildMs });
    return bed;
  }

  /** Each of these gives stdout, and throws a BedError when the command fails. */
  kubectl(...args: string[]): Promise<string> {
    return this.#must(['kubectl', ...args]);
  }

  /** Manifests as YAML or JSON text. */
  apply(manifests: string): Promise<string> {
    return this.#must(['kubectl', 'apply', '-f', '-'], { input: manifests });
  }

  /** In the Cilium agent of a node, e.g. `bed.agent('n1', 'cilium-dbg', 'status')`. */
  agent(node: string, ...command: string[]): Promise<string> {
    return this.#must(['agent', node, ...command]);
  }

  /** On a node, as its root. */
  node(node: string, ...command: string[]): Promise<string> {
    return this.#must(['node', node, ...command]);
  }

  /** Beside the nodes, as a client outside the cluster. */
  outside(...command: string[]): Promise<string> {
    return this.#must(['outside', ...command]);
  }

  /** In the example's client pod. */
  client(...command: string[]): Promise<string> {
    return this.kubectl('exec', 'netshoot-client', '--', ...command);
  }

  /** Installs, upgrades or reconfigures Cilium; Helm values that are not given go back to the bed's. */
  async cilium(version: string, helm: HelmValues = {}): Promise<void> {
    await this.#must(['cilium', version, ...helmArguments(helm)], { loud: true, timeoutMs: withBuildMs });
  }

  /** `none` deletes the DaemonSet only: ConfigMap and rules stay, as in life. */
  async kubeProxy(mode: 'iptables' | 'nftables' | 'none'): Promise<void> {
    await this.#must(['kube-proxy', mode]);
  }

  /** `etcd`, `apiserver`, `apiserver-2`, `controller-manager`, `scheduler`. */
  async stop(component: string): Promise<void> {
    await this.#must(['stop', component]);
  }

  async start(component: string): Promise<void> {
    await this.#must(['start', component]);
  }

  /** A node's machine: freeze and thaw all of its processes, cut and mend its network. */
  async machine(action: 'freeze' | 'thaw' | 'cut' | 'mend', node: string): Promise<void> {
    await this.#must([action, node]);
  }

  /** Leaves all processes of a node together so many hundredths of one CPU. */
  async starve(node: string, percent: number): Promise<void> {
    await this.#must(['starve', node, String(percent)]);
  }

  async feed(node: string): Promise<void> {
    await this.#must(['feed', node]);
  }

  /** For another process to go on with. */
  leaveUp(): void {
    Bed.#up.delete(this);
  }

  async down(): Promise<void> {
    await this.#must(['down']);
    Bed.#up.delete(this);
  }

  /** What a bed that is down has left on the machine, one line each. */
  async leftovers(): Promise<readonly string[]> {
    const { stdout } = await this.run(['leftovers']);
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** Any command of the bed; does not throw when it fails. */
  run(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    const { input, timeoutMs = 600_000, loud = false } = options;
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        env: this.#environment(),
        stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        timeout: timeoutMs,
        killSignal: 'SIGTERM',
      });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
      child.stderr?.on('data', (chunk: Buffer) => {
        err.push(chunk);
        if (loud) process.stderr.write(chunk);
      });
      child.on('error', reject);
      child.on('close', (code, signal) => {
        const stderr = Buffer.concat(err).toString() + (signal === null ? '' : `ended by ${signal}\n`);
        resolve({ exitCode: code ?? 128, stdout: Buffer.concat(out).toString(), stderr });
      });
      child.stdin?.end(input);
    });
  }

  async #must(args: readonly string[], options?: RunOptions): Promise<string> {
    const result = await this.run(args, options);
    if (result.exitCode !== 0) throw new BedError(args, result);
    return result.stdout;
  }

  #environment(): NodeJS.ProcessEnv {
    return { ...process.env, KPR_BED_ID: String(this.id) };
  }

  /** For a process that is ending and can wait for nothing. */
  static takeAllDown(): void {
    for (const bed of Bed.#up)
      spawnSync(program, ['down'], { env: bed.#environment(), stdio: ['ignore', 'ignore', 2] });
    Bed.#up.clear();
  }
}

let prepared = false;
function takeDownAtExit(): void {
  if (prepared) return;
  prepared = true;
  process.on('exit', () => Bed.takeAllDown());
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.once(signal, () => process.exit(128 + number));
  }
}

function upArguments(options: BedOptions): string[] {
  const given: [string, string | number | undefined][] = [
    ['--nodes', options.nodes],
    ['--cilium', options.cilium],
    ['--kube-proxy', options.kubeProxy],
    ['--api-servers', options.apiServers],
    ['--release', options.release],
    ['--namespace', options.namespace],
  ];
  return [
    ...given.flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)])),
    ...(options.dualStack === true ? ['--dual-stack'] : []),
    ...(options.workload === false ? ['--no-workload'] : []),
    ...helmArguments(options.helm ?? {}),
  ];
}

function helmArguments(values: HelmValues): string[] {
  // A comma separates values for Helm.
  return Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${String(value).replaceAll(',', '\\,')}`]);
}
