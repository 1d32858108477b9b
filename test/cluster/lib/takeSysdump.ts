import { dump } from 'js-yaml';
import { bugtoolFiles, debuginfo, stemOf, variantsOf } from '../../../src/collect/archive/bugtoolFiles.ts';
import { trimDocument, trimObject, trimPod, trimWorkload } from '../../../src/collect/trimObjects.ts';
import { isReadSysctl } from '../../../src/knowledge/nodeCommands.ts';
import { type Bed, BedError } from './Bed.ts';
import { objectWithoutMachine, withoutMachine } from './machineTraces.ts';

interface Objects {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

export interface ArchiveEntry {
  readonly name: string;
  readonly content: string;
}

/**
 * The files of a sysdump of the bed, sorted: the API's objects under the names of cilium-cli, and what cilium-bugtool
 * writes in each agent, both cut down to what is read.
 */
export async function takeSysdump(bed: Bed, namespace = 'kube-system'): Promise<ArchiveEntry[]> {
  const timestamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const files = new Map<string, string>();

  for (const [name, args, trim] of places(namespace)) {
    const objects = JSON.parse(await bed.kubectl('get', ...args, '-o', 'json')) as Objects | { kind: string };
    const value = 'items' in objects ? { ...objects, items: objects.items.map((item) => trim(item)) } : trim(objects);
    files.set(`${name}-${timestamp}.yaml`, printYaml(objectWithoutMachine(value)));
  }
  files.set(`k8s-version-${timestamp}.txt`, versionText(await bed.kubectl('get', '--raw', '/version')));

  const pods = JSON.parse(
    await bed.kubectl('-n', namespace, 'get', 'pods', '-l', 'k8s-app=cilium', '-o', 'json'),
  ) as Objects;
  const outputs = await Promise.all(
    pods.items.map(async ({ metadata: { name } }) => [name, await runBugtool(bed, namespace, name)] as const),
  );
  for (const [pod, written] of outputs) {
    for (const [file, text] of written) {
      files.set(`cilium-bugtool-${pod}-${timestamp}/cmd/${file}`, withoutMachine(text));
    }
  }
  const root = `cilium-sysdump-${timestamp}`;
  const entries = [...files].map(([path, content]) => ({ name: `${root}/${path}`, content }));
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

type Place = readonly [name: string, kubectlGet: readonly string[], trim: (object: unknown) => unknown];

/** cilium-cli's names (sysdump/constants.go). */
const places = (namespace: string): readonly Place[] => [
  ['k8s-nodes', ['nodes'], trimObject],
  ['k8s-pods', ['pods', '-A'], trimPod],
  ['k8s-services', ['services', '-A'], trimObject],
  ['k8s-endpointslices', ['endpointslices', '-A'], trimObject],
  ['ciliumnodes', ['ciliumnodes.cilium.io'], (node) => trimDocument('ciliumNodes', node)],
  ['ciliumnodeconfigs', ['ciliumnodeconfigs.cilium.io', '-A'], trimObject],
  ['cilium-configmap', ['-n', namespace, 'configmap', 'cilium-config'], trimObject],
  ['cilium-daemonset', ['-n', namespace, 'daemonset', 'cilium'], trimWorkload],
  ['cilium-operator-deployment', ['-n', namespace, 'deployment', 'cilium-operator'], trimWorkload],
];

/** Laid out as Kubernetes' printer lays it out: sorted keys, dashes below the key of their list. */
const printYaml = (value: unknown): string =>
  dump(value, { seqNoIndent: true, sortKeys: true, lineWidth: -1, noRefs: true });

/** As cilium-cli prints it: the Go value, `%#v`. */
function versionText(json: string): string {
  const fields = Object.entries(JSON.parse(json) as Record<string, string>);
  const values = fields.map(
    ([key, value]) => `${key.replace(/^./, (first) => first.toUpperCase())}:${JSON.stringify(value)}`,
  );
  return `version.Info{${values.join(', ')}}`;
}

const stems: ReadonlySet<string> = new Set([
  'hostname',
  ...Object.values(bugtoolFiles).flatMap((files) => files.flatMap(({ command }) => variantsOf(command).map(stemOf))),
]);
const wanted = (command: string): boolean => stems.has(stemOf(command)) || command.includes(' debuginfo ');

/**
 * cilium-bugtool with those of its own commands whose output is read, by its own list of them (`--dry-run` writes it).
 * Gives texts by the names of their files; none where the agent hangs: bugtool then waits for programs that it has
 * killed, until the kubelet restarts the container, so that cilium-cli has no folder of it either.
 */
async function runBugtool(bed: Bed, namespace: string, pod: string): Promise<ReadonlyMap<string, string>> {
  const inAgent = (...command: string[]): Promise<string> =>
    bed.kubectl('-n', namespace, 'exec', pod, '-c', 'cilium-agent', '--', ...command);
  const ids = await inAgent(
    'bash',
    '-c',
    'for map in /sys/fs/bpf/tc/globals/cilium_lb*; do bpftool map show pinned $map | head -1 | cut -d: -f1; done',
  );
  const folder = '/tmp/kpr-record';
  await inAgent('mkdir', '-p', `${folder}/debuginfo`);
  try {
    await inAgent('timeout', '60', 'cilium-bugtool', '--dry-run', '-t', folder, '--config', `${folder}/config`);
    const all = JSON.parse(await inAgent('cat', `${folder}/config`)) as { commands: string[] };
    const commands = all.commands
      .filter(wanted)
      .map((command) => command.replace(/--output-directory=\S+/, `--output-directory=${folder}/debuginfo`));
    const script = `cd ${folder} && echo "$1" > config && timeout 90 cilium-bugtool --archive=false --parallel-workers=16 --envoy-dump=false --envoy-metrics=false --hubble-metrics=false -t ${folder} --config config >&2 && mkdir all && cp cilium-bugtool-*/cmd/* debuginfo/* all/ && cd all && for f in *; do echo "$f $(base64 -w0 < "$f")"; done`;
    const text = await inAgent('bash', '-c', script, 'bash', JSON.stringify({ commands })).catch((error: unknown) => {
      if (error instanceof BedError && error.result.exitCode === 124) return '';
      throw error;
    });
    return new Map(
      text
        .trim()
        .split('\n')
        .map((line) => line.split(' '))
        .filter(([name = '']) => isRead(name))
        .map(([name = '', encoded = '']) => {
          const output = Buffer.from(encoded, 'base64').toString();
          return [fixedName(name), trimOutput(name, output, new Set(ids.trim().split('\n')))];
        }),
    );
  } finally {
    await inAgent('rm', '-rf', folder);
  }
}

const isRead = (file: string): boolean =>
  stems.has(file.replace(/\.\w+$/, '')) || new RegExp(`^${stemOf(debuginfo)}-.*\\.json$`).test(file);

/** The file of `debuginfo` bears the time to the millisecond. */
const fixedName = (file: string): string =>
  file.replace(/^(cilium-debuginfo)-.*(\.json)$/, '$1-20000101-000000.000+0000-UTC$2');

/** Files that hold much besides what is read. */
function trimOutput(file: string, text: string, ids: ReadonlySet<string>): string {
  if (file.startsWith(stemOf(debuginfo))) return keepFields(text, ['cilium-status']);
  if (file.includes('-statedb')) return keepFields(text, ['frontends', 'health', 'node-addresses']);
  // The kernel's maps are those of all nodes of all beds; on a machine that is one node there are only its own.
  if (file.startsWith('bpftool-map-show')) {
    const blocks = text.split(/^(?=\d+: )/m);
    return blocks.filter((block) => ids.has(block.slice(0, block.indexOf(':')))).join('');
  }
  if (file.startsWith('ss-')) {
    const lines = text.split('\n').filter((line) => /^(?:Total|Transport|State|LISTEN|> Error)\b/.test(line));
    return lines.map((line) => `${line.trimEnd()}\n`).join('');
  }
  if (file.includes('-metrics-list')) {
    const lines = text
      .split('\n')
      .filter((line) =>
        /^Metric\b|bpf_map_pressure|drift_checker|k8s_client_api_calls_total|k8s_event_lag|^> Error/.test(line),
      );
    return lines.map((line) => `${line}\n`).join('');
  }
  if (file.startsWith('sysctl-')) {
    const lines = text
      .split('\n')
      .filter((line) => isReadSysctl(line.split(' ')[0] ?? '') || line.startsWith('> Error'));
    return lines.map((line) => `${line}\n`).join('');
  }
  return text;
}

/** Of a JSON object; what is none (an error) stays as it is. */
function keepFields(text: string, names: readonly string[]): string {
  try {
    const all = JSON.parse(text) as Record<string, unknown>;
    return JSON.stringify(Object.fromEntries(names.flatMap((name) => (name in all ? [[name, all[name]]] : []))));
  } catch {
    return text;
  }
}
