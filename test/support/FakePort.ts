import { shellSection } from '../../src/collect/agentScript.ts';
import type {
  Answer,
  ClusterChange,
  ClusterPort,
  ExecOptions,
  ExecOutcome,
  ExecTarget,
  ListOptions,
} from '../../src/collect/ClusterPort.ts';
import { agentCommands, type NodeCommand } from '../../src/knowledge/nodeCommands.ts';
import { type Fact, isKnown, type Missing, missing } from '../../src/model/Fact.ts';
import type { JsonObject } from '../../src/text/isRecord.ts';
import { healthyFacts } from './healthy.ts';

/**
 * What a path of the API gives: a list (for `list`), an object (for `get`), or why nothing. Unknown paths are absent.
 */
export type Paths = Readonly<Record<string, unknown>>;
export type Exec = (
  target: ExecTarget,
  command: readonly string[],
  options: ExecOptions,
) => ExecOutcome | Promise<ExecOutcome>;

export type Change = (change: ClusterChange) => Answer<JsonObject> | Promise<Answer<JsonObject>>;

const refuseChange: Change = ({ verb, path }) => {
  throw new Error(`nothing is to be changed, and ${verb} ${path} was sent`);
};

/** A cluster that is made of its answers and writes down what it was asked. */
export class FakePort implements ClusterPort {
  readonly kubectl = 'kubectl --context=prod-1';
  readonly contextName = 'prod-1';
  readonly server = 'https://10.0.0.1:6443';
  /** Paths, with their query: `/api/v1/pods?labelSelector=k8s-app=cilium`. */
  readonly asked: string[] = [];
  readonly execs: {
    readonly target: ExecTarget;
    readonly command: readonly string[];
    readonly options: ExecOptions;
  }[] = [];
  /** What was to be made or removed. */
  readonly changes: ClusterChange[] = [];
  closed = 0;
  readonly #paths: Paths;
  readonly #exec: Exec;
  readonly #change: Change;

  /** @param change what comes of changes; unless it is said, whoever changes anything fails the test */
  constructor(paths: Paths, exec: Exec = () => exited(''), change: Change = refuseChange) {
    this.#paths = paths;
    this.#exec = exec;
    this.#change = change;
  }

  async get(path: string): Promise<Answer<unknown>> {
    return this.#answer(path);
  }

  async list(path: string, { query, reduce }: ListOptions = {}): Promise<Answer<readonly unknown[]>> {
    const answer = this.#answer(
      query === undefined ? path : `${path}?${decodeURIComponent(String(new URLSearchParams(query)))}`,
    );
    if (!answer.ok) return answer;
    const items = answer.value as readonly unknown[];
    return { ok: true, value: reduce === undefined ? items : items.map((item) => reduce(item)) };
  }

  async exec(target: ExecTarget, command: readonly string[], options: ExecOptions): Promise<ExecOutcome> {
    this.execs.push({ target, command, options });
    return this.#exec(target, command, options);
  }

  async change(change: ClusterChange): Promise<Answer<JsonObject>> {
    this.changes.push(change);
    return this.#change(change);
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  #answer(path: string): Answer<unknown> {
    this.asked.push(path);
    const value = this.#paths[path] ?? this.#listed(path);
    if (value === undefined) return { ok: false, why: missing('absent', `the server has no ${path}`) };
    return isMissing(value) ? { ok: false, why: value } : { ok: true, value };
  }

  /** An object of a list, by its own path. */
  #listed(path: string): unknown {
    const at = path.lastIndexOf('/');
    const list = this.#paths[path.slice(0, at)];
    return Array.isArray(list)
      ? list.find(
          (one: { readonly metadata?: { readonly name?: string } }) => one.metadata?.name === path.slice(at + 1),
        )
      : undefined;
  }
}

const isMissing = (value: unknown): value is Missing =>
  typeof value === 'object' && value !== null && 'missing' in value;

export const exited = (stdout: string, exitCode = 0, stderr = ''): ExecOutcome => ({
  stdout,
  stderr,
  end: 'exited',
  exitCode,
});

interface Said {
  readonly text?: string;
  readonly stderr?: string;
  /** An exit code, or `skipped`. */
  readonly end?: number | 'skipped';
}

/** The script's sections in the order in which it runs them, with these answers; what is not named prints nothing. */
export function printedBy(command: readonly string[], said: Readonly<Record<string, Said>> = {}): string {
  const script = command.at(-1) ?? '';
  const marker = /^M=(\S+)/.exec(script)?.[1] ?? '';
  const sections = runsOf(command).map((name) => {
    const { text = '', stderr = '', end = 0 } = name === shellSection ? saidByShell(script, said) : (said[name] ?? {});
    const trailer = end === 'skipped' ? end : `${end} ${Buffer.from(stderr).toString('base64')}`;
    return `${marker} begin ${name}\n${text}\n${marker} end ${name} ${trailer}\n`;
  });
  return `${sections.join('')}\n${marker} done\n`;
}

/** All commands of the shell, as it repeats and answers them; where one of them ends badly, all do. */
function saidByShell(script: string, said: Readonly<Record<string, Said>>): Said {
  const typed = shellNames(script);
  const bad = typed.flatMap((name) => said[name] ?? []).find(({ end = 0 }) => end !== 0);
  const texts = typed.map((name) => `n1> ${shellCommands.get(name)}\r\n${said[name]?.text ?? ''}`);
  return bad ?? { text: `${texts.join('')}n1> ` };
}

const shellCommands = new Map(
  Object.entries<NodeCommand>(agentCommands).flatMap(([name, { shell }]) =>
    shell === undefined ? [] : [[name, shell]],
  ),
);
const shellNames = (script: string): string[] =>
  [...shellCommands]
    .filter(([, command]) => script.includes(`'${command.replaceAll("'", String.raw`'\''`)}'`))
    .map(([name]) => name);

/** The sections of a script, as if maps can't be read by bpftool and there is a shell. */
const runsOf = (command: readonly string[]): string[] =>
  [...(command.at(-1) ?? '').matchAll(/^(?:without \w+ )?(?:run|program) (\w+)/gm)].map(([, name = '']) => name);

/** Which answers a script asks for. */
export const sectionsOf = (command: readonly string[]): string[] =>
  runsOf(command).flatMap((name) => (name === shellSection ? shellNames(command.at(-1) ?? '') : [name]));

const listPaths = {
  nodes: '/api/v1/nodes',
  services: '/api/v1/services',
  endpointSlices: '/apis/discovery.k8s.io/v1/endpointslices',
  daemonSets: '/apis/apps/v1/daemonsets',
  deployments: '/apis/apps/v1/namespaces/kube-system/deployments',
  systemPods: '/api/v1/namespaces/kube-system/pods',
  pods: '/api/v1/pods',
} as const;
export const agentsPath = '/api/v1/pods?labelSelector=k8s-app=cilium';

const of = (fact: Fact<unknown>): unknown => (isKnown(fact) ? fact.value : fact);

/** The healthy cluster of `aSnapshot` as its API server gives it, with changes by path. */
export function healthyPaths(nodes: readonly string[], changes: Paths = {}): Paths {
  const facts = healthyFacts(nodes);
  const ciliumConfig = isKnown(facts.ciliumConfig) ? Object.fromEntries(facts.ciliumConfig.value.byKey) : {};
  return {
    '/version': { gitVersion: 'v1.36.3', major: '1', minor: '36' },
    ...Object.fromEntries(
      Object.entries(listPaths).map(([name, path]) => [path, of(facts[name as keyof typeof listPaths])]),
    ),
    [agentsPath]: of(facts.systemPods),
    '/api/v1/namespaces/kube-system/configmaps/cilium-config': {
      metadata: { name: 'cilium-config', namespace: 'kube-system' },
      data: ciliumConfig,
    },
    '/api/v1/namespaces/kube-system/configmaps/kubeadm-config': of(facts.kubeadmConfig),
    '/api/v1/namespaces/kube-system/configmaps/kubelet-config': of(facts.kubeletConfig),
    '/api/v1/namespaces/kube-public/configmaps/cluster-info': of(facts.clusterInfo),
    ...changes,
  };
}
