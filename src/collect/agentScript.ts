import { agentCommands, type Lane, type NodeCommand, probeNames, type ProbeName } from '../knowledge/nodeCommands.ts';
import type { AnswerName } from '../model/raw.ts';
import { agentFrame, type AgentProgramName, agentPrograms, nftTablesPerl } from '../programs/programs.ts';
import { insideSingleQuotes, shellQuote } from '../text/shell.ts';

/** One DNS server to ask from a node: the ClusterIP, and for comparison the endpoints behind it. */
export interface DnsTarget {
  readonly via: 'clusterIP' | 'endpoint';
  readonly protocol: 'UDP' | 'TCP';
  readonly server: string;
  readonly port: number;
}

export interface ScriptOptions {
  readonly answers: ReadonlySet<AnswerName>;
  readonly dnsTargets: readonly DnsTarget[];
  /** Stands before each section; nobody who prints on the node can know it. */
  readonly marker: string;
  /** Whole seconds that one command may take. */
  readonly limitSeconds: number;
}

/** The section that answers all that was typed into the agent's shell; `splitShell` takes it apart. */
export const shellSection = 'agentShell';
const lanes: readonly Lane[] = ['maps', 'host', 'probes', 'agent'];

/**
 * The bash script that asks one agent everything in one exec: `['bash', '-c', …]`. Its programs are files of
 * src/programs; what is made here is what stands in front of them, the calls of each lane, and the names of those that
 * are exported. It is short, because a command of `kubectl exec` travels in the request line.
 *
 * Lanes run side by side and are printed one after the other, the agent's own last: it may hang, and what the others
 * print must not wait for it. Each command has its own limit; after one that the agent let run into it, the rest of the
 * agent's lane is not tried, so that a hung agent costs one limit. What is only needed where another answer failed is
 * not asked where that came. Every process counts, as there are two dozen commands: of a command that says nothing on
 * stderr, no more are started than it needs. Nothing is written on the node: pipes hold all output.
 *
 * Sections: `MARKER begin NAME`, the output, a newline, `MARKER end NAME EXITCODE STDERR-IN-BASE64`; instead of the
 * exit code `skipped` behind a command that hung, `unneeded` where another answer is enough.
 */
export function agentScript({ answers, dnsTargets, marker, limitSeconds }: ScriptOptions): readonly string[] {
  const sections = [...commandSections(answers), ...probeSections(answers, dnsTargets)];
  const programs = sections.flatMap(({ program }) => program ?? []);
  const used = lanes.filter((lane) => sections.some((section) => section.lane === lane));
  const lines = [
    `M=${marker} LIMIT=${limitSeconds}`,
    agentFrame,
    ...programs.map((name) => functionOf(name, [agentPrograms[name]])),
    ...used.map((lane) =>
      functionOf(lane, [
        ...(lane === 'agent' ? ['AGENT=1'] : []),
        ...sections.flatMap((one) => (one.lane === lane ? one.call : [])),
      ]),
    ),
    `main ${used.join(' ')}`,
  ];
  return ['bash', '-c', lines.join('\n')];
}

/** Each probe with the words that it is called with; undefined: there is nothing to ask. */
const probeWords: Readonly<Record<ProbeName, (dnsTargets: readonly DnsTarget[]) => readonly string[] | undefined>> = {
  apiProbe: () => [],
  dnsProbe: (targets) => (targets.length === 0 ? undefined : targets.flatMap(wordsOf).map(shellQuote)),
};

const probeSections = (answers: ReadonlySet<string>, dnsTargets: readonly DnsTarget[]): Section[] =>
  probeNames.flatMap((name) => {
    const words = answers.has(name) ? probeWords[name](dnsTargets) : undefined;
    return words === undefined ? [] : [programSection('probes', name, words)];
  });

const functionOf = (name: string, lines: readonly string[]): string => `${name}() {\n${lines.join('\n')}\n}`;

const wordsOf = ({ via, protocol, server, port }: DnsTarget): string[] => [via, protocol, server, String(port)];

interface Section {
  readonly lane: Lane;
  /** The program that it calls. */
  readonly program?: AgentProgramName;
  readonly call: string;
}

const programSection = (lane: Lane, program: AgentProgramName, words: readonly string[] = []): Section => ({
  lane,
  program,
  call: ['run', program, 'fn', ...words].join(' '),
});

/** What programs are called with each time. */
const given: Partial<Record<AgentProgramName, readonly string[]>> = {
  nftTables: [`'${insideSingleQuotes(nftTablesPerl)}'`],
};

function commandSections(answers: ReadonlySet<AnswerName>): Section[] {
  const asked = Object.entries<NodeCommand>(agentCommands).filter(([name]) => isAsked(name, answers));
  const typed = asked.flatMap(([, { shell }]) => shell ?? []);
  const first = asked.findIndex(([, { shell }]) => shell !== undefined);
  return asked.flatMap(([name, command], i) => {
    const sections = sectionOf(name, command, answers);
    return i === first ? [programSection('agent', shellSection, typed.map(shellQuote))].concat(sections) : sections;
  });
}

const isAsked = (name: string, answers: ReadonlySet<string>): boolean => answers.has(name);

function sectionOf(name: string, command: NodeCommand, answers: ReadonlySet<AnswerName>): readonly Section[] {
  const section =
    'program' in command
      ? programSection(command.lane, command.program, given[command.program])
      : { lane: command.lane, call: `run ${name} ${command.words}` };
  if (command.shell !== undefined) {
    // What is about the shell itself fails as the shell does.
    if ('words' in command && command.words.startsWith('$CILIUM shell ')) return [];
    return [{ ...section, call: `[ "$S_${shellSection}" = 0 ] || ${section.call}` }];
  }
  // Nothing depends on an answer that is not asked.
  if (command.unless === undefined || !answers.has(command.unless)) return [section];
  return [{ ...section, call: `without ${command.unless} ${section.call}` }];
}
