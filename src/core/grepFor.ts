import type { NodeFactName } from '../model/NodeFacts.ts';
import type { ClusterFactName } from '../model/Snapshot.ts';
import { shellQuote } from '../text/shell.ts';

/**
 * What stands in the line that a program prints for a line of evidence: as a fixed text, and for objects of the API
 * whether a row of kubectl's table tells it (`row`) or the object itself (`field`). undefined: the line is of no one
 * line of what is printed.
 */
type Sought = { readonly text: string; readonly in: 'row' | 'field' } | undefined;

const field = (text: string | undefined): Sought =>
  text === undefined || text === '' ? undefined : { text, in: 'field' };
const row = (text: string | undefined): Sought => (text === undefined || text === '' ? undefined : { text, in: 'row' });

function firstMatch(line: string, pattern: RegExp): string | undefined {
  const [all, part] = pattern.exec(line) ?? [];
  return part ?? all;
}

/** `10.96.0.10:53/UDP`, `[fd00::a]:53/UDP` */
const endpoint = (line: string): Sought => field(firstMatch(line, /(?:\[[\da-fA-F:.]+\]|[\d.]+):\d+\/[A-Z]+/));
const firstWord = (line: string): Sought => field(firstMatch(line, /^[\w./@-]+/));
const key = (line: string): Sought => field(firstMatch(line, /^([\w./-]+)(?=:\s|: ?"|=|:$|;)/));

/** Of a rule, the options at its end that tell it from others: `--to-destination 10.244.2.111:80`. */
function endOfRule(line: string): Sought {
  if (/^:\S/.test(line)) return field(firstMatch(line, /^:\S+/));
  if (!line.startsWith('-')) return undefined;
  // What a check puts behind a rule, in parentheses, is not of the program.
  const options = line.replace(/ \([^()]*packets?[^()]*\)$/, '').split(/ (?=-)/);
  let end = '';
  for (const option of options.toReversed()) {
    end = end === '' ? option : `${option} ${end}`;
    if (end.length >= tellingLength) break;
  }
  return field(end);
}

/** `-j KUBE-NODEPORTS` is long enough, `-j DROP` says nothing. */
const tellingLength = 16;

/** Words of evidence, and how `cilium-dbg status --verbose` begins its line. */
const statusLines: readonly (readonly [RegExp, string])[] = [
  [/^KubeProxyReplacement|^mode |kube-proxy replacement|^devices:|irectRoutingDevice/, 'KubeProxyReplacement:'],
  [/^Session Affinity/, 'Session Affinity:'],
  [/NodePort range/, 'NodePort:'],
  [/^Masquerading/, 'Masquerading:'],
  [/^version |^v?\d+\.\d+\.\d+/, 'Cilium:'],
];

function statusLine(line: string): Sought {
  const known = statusLines.find(([words]) => words.test(line));
  // A controller that fails, by its name.
  return field(known?.[1] ?? firstMatch(line, /^([\w-]+(?: \([^)]*\))?): \d+ failures/));
}

/** Only what has many lines: what has few is shown as it is. */
const sought: { readonly [Name in ClusterFactName | NodeFactName]?: (line: string) => Sought } = {
  lbTable: endpoint,
  agentTable: endpoint,
  mapFrontends: endpoint,
  frontendStates: endpoint,
  iptables: endOfRule,
  proxyRules: endOfRule,
  status: statusLine,
  moduleHealth: (line) => (/ Degraded /.test(line) ? field('Degraded') : undefined),
  metrics: (line) =>
    field(firstMatch(line, /return_code=\d+/) ?? firstMatch(line, /map_name="([^"]+)"/) ?? firstMatch(line, /^\w+/)),
  startedConfig: (line) => field(firstMatch(line, /^[\w.-]+:/)),
  cgroupPrograms: () => undefined,
  devicePrograms: firstWord,
  interfaces: firstWord,
  sysctls: (line) => field(firstMatch(line, /(\w+) = /)),
  kernelOptions: firstWord,
  listeners: (line) => field(firstMatch(line, /:\d+$/)),
  ciliumConfig: key,
  services: (line) =>
    /nodePort|ClusterIP|\d\/[A-Z]/.test(line)
      ? row(
          firstMatch(line, /nodePort (\d+)/) ??
            firstMatch(line, /^[a-z][\w-]*\/([\w-]+)/) ??
            firstMatch(line, /\d+(?:\.\d+){3}/),
        )
      : key(line),
  endpointSlices: (line) => row(firstMatch(line, /[\w-]+\/([\w.-]+)/)),
  daemonSets: (line) => field(firstMatch(line, /^[A-Z_]{4,}(?=[= ])/)),
};

/** As in SeenLines. */
interface Shown {
  readonly lines: readonly string[];
  readonly decides: number | undefined;
  readonly of: readonly string[] | undefined;
}

/** Of the lines that decide no more are looked for, so that the command stays one that a person reads. */
const most = 3;

/**
 * The command that shows the lines again and, where it prints many, little else. What is put together of several
 * commands, or is no command, is left as it is.
 */
export function grepFor(command: string, fact: ClusterFactName | NodeFactName, { lines, decides, of }: Shown): string {
  const find = of === undefined ? sought[fact] : undefined;
  if ((find ?? of) === undefined || !isOneCommand.test(command) || isSeveral.test(command)) return command;
  const telling = decides === undefined ? lines : lines.slice(decides).concat(lines.slice(0, decides));
  const found = (of?.map(row) ?? telling.map((line) => find?.(line))).filter((one) => one !== undefined);
  const texts = [...new Set(found.map(({ text }) => text))].filter(isShort).slice(0, most);
  if (texts.length === 0) return command;
  const isTable = found.every((one) => one.in === 'row');
  // A file of objects has no rows: its lines are told by those around them.
  if (isTable && isOfFile.test(command)) return `${command} | ${objectsWith(texts, fact)}`;
  return `${isTable ? command.replace(objects, ' -o wide') : command} | grep -F ${patternsOf(texts)}`;
}

/** Of a list in YAML, the objects that hold a text; of pods their states. */
function objectsWith(texts: readonly string[], fact: ClusterFactName | NodeFactName): string {
  const pattern = texts
    .map((text) => text.replaceAll(/[^\w-]/g, (char) => `[${char === '^' ? '\\^' : char}]`))
    .join('|');
  const states = fact === 'pods' || fact === 'systemPods' ? '{sub(/.*\\n  status:/,"  status:");print}' : '';
  return `awk -v RS='\\n- ' ${shellQuote(`/${pattern}/${states}`)}`;
}

/** Who names something at such a length is not worth a command that nobody can read. */
const isShort = (text: string): boolean => text.length <= 120 && !text.includes('\n');

const isOneCommand = /^(?:kubectl|unzip|cat|tar) /;
const isSeveral = /(?:, |; | and )kubectl /;
const objects = / -o json$/;
const isOfFile = /^(?:unzip|cat|tar) /;

function patternsOf(texts: readonly string[]): string {
  const [only, ...more] = texts;
  if (only !== undefined && more.length === 0 && !only.startsWith('-')) return shellQuote(only);
  return texts.map((text) => `-e ${shellQuote(text)}`).join(' ');
}
