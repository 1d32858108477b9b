import { agentCommands, type Lane, type NodeCommand, probeNames, type ProbeName } from '../knowledge/nodeCommands.ts';
import type { AnswerName } from '../model/raw.ts';
import { addressHex } from './addressHex.ts';
import {
  agentFrame,
  type AgentProgramName,
  agentPrograms,
  frontendsDigestPerl,
  lbDigestPerl,
  nftTablesPerl,
  perlPrograms,
  rulesDigestPerl,
  serviceRowsPerl,
} from '../programs/programs.ts';
import { type RuleDumpName, ruleDumpNames } from '../parse/rules/ruleDumps.ts';
import { shellQuote } from '../text/shell.ts';

/** One DNS server to ask from a node: the ClusterIP, and for comparison the endpoints behind it. */
export interface DnsTarget {
  readonly via: 'clusterIP' | 'endpoint';
  readonly protocol: 'UDP' | 'TCP';
  readonly server: string;
  readonly port: number;
}

/** An API server to dial from a node, or the ClusterIP in front of them. */
export interface ServerTarget {
  readonly via: 'clusterIP' | 'server';
  readonly address: string;
  readonly port: number;
}

/** Where probes go. */
export interface ProbeTargets {
  readonly dns: readonly DnsTarget[];
  readonly servers: readonly ServerTarget[];
}

/** The words of lbDigest.pl, of frontendsDigest.pl, and of rulesDigest.pl where rules of a dump are known. */
export interface DigestWords {
  readonly maps: readonly string[];
  readonly frontends: readonly string[];
  readonly rules: ReadonlyMap<RuleDumpName, readonly string[]>;
}

export interface ScriptOptions {
  readonly answers: ReadonlySet<AnswerName>;
  readonly targets: ProbeTargets;
  /** Stands before each section; nobody who prints on the node can know it. */
  readonly marker: string;
  /** Whole seconds that one command may take. */
  readonly limitSeconds: number;
  /** Whether what is long comes compressed: for a file that holds all of it. */
  readonly packs?: boolean;
  /** undefined: tables are wanted whole. */
  readonly digestWords?: DigestWords | undefined;
  /** The agent's own rows that are wanted, `ADDRESS PORT`; undefined: all. */
  readonly agentRows?: readonly string[] | undefined;
}

/** The section that answers all that was typed into the agent's shell; `splitShell` takes it apart. */
export const shellSection = 'agentShell';
const lanes: readonly Lane[] = ['maps', 'host', 'probes', 'reach', 'agent'];

/** What is run in an agent’s container, and what it reads; behind that, where reachProbe is asked, what that reads. */
export interface AgentScript {
  readonly command: readonly string[];
  readonly stdin: Uint8Array;
}

/**
 * The bash script that asks one agent everything in one exec. The command holds the calls of each lane and nothing
 * else, because it travels in the request line, of which proxies take some 8,000 characters; the programs, files of
 * src/programs, and the words that they are called with come by stdin and may be as long as they need to be. How long
 * that is in bytes stands in the command: servers before Kubernetes 1.30 cannot be told where an input ends.
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
export function agentScript({
  answers,
  targets,
  marker,
  limitSeconds,
  packs = false,
  digestWords,
  agentRows,
}: ScriptOptions): AgentScript {
  const digests = digestWords && {
    lbDump: [lbDigestPerl, ...digestWords.maps],
    agentShell: [frontendsDigestPerl, ...digestWords.frontends],
    ...ruleWords(digestWords.rules),
  };
  const rows = agentRows && { serviceList: [serviceRowsPerl, ...agentRows.flatMap((row) => row.split(' '))] };
  const sections = [
    ...commandSections(answers, { ...given, ...digests, ...rows }, digests !== undefined).map((one) =>
      packs ? packed(one) : one,
    ),
    ...probeSections(answers, targets),
    ...(answers.has('reachProbe') ? [reachSection] : []),
  ];
  const used = lanes.filter((lane) => sections.some((section) => section.lane === lane));
  const stdin = Buffer.from([agentFrame, ...sections.flatMap(definitionOf)].join('\n'));
  const lines = [
    `M=${marker} LIMIT=${limitSeconds}`,
    `eval "$(head -c ${stdin.length})"`,
    ...used.map((lane) =>
      functionOf(lane, [
        ...(lane === 'agent' ? ['AGENT=1'] : lane === 'reach' ? ['READS=1'] : []),
        ...sections.flatMap((one) => (one.lane === lane ? one.call : [])),
      ]),
    ),
    `main ${used.join(' ')}`,
  ];
  return { command: ['bash', '-c', lines.join('\n')], stdin };
}

/** Behind the words the command itself. */
const ruleWords = (rules: DigestWords['rules']): GivenWords =>
  Object.fromEntries(
    [...rules].map(([name, words]) => [name, [rulesDigestPerl, ...words, ...agentCommands[name].words.split(' ')]]),
  );

/** A section’s program as a function, and the words for it as an array; of perl, the program is the first word. */
function definitionOf({ program, words = [] }: Section): readonly string[] {
  if (program === undefined) return [];
  if (isOfPerl(program)) return [wordsOf(program, [perlPrograms[program], ...words])];
  const own = functionOf(program, [agentPrograms[program]]);
  return words.length === 0 ? [own] : [own, wordsOf(program, words)];
}

const isOfPerl = (program: AgentProgramName): program is keyof typeof perlPrograms => program in perlPrograms;
const wordsOf = (program: string, words: readonly string[]): string =>
  `${program}Words=(${words.map(quoted).join(' ')})`;

/** Programs are the same for all nodes, and long. */
const quotedPrograms = new Map<string, string>();
const programLength = 400;

function quoted(word: string): string {
  if (word.length < programLength || !isProgram(word)) return shellQuote(word);
  const text = quotedPrograms.get(word) ?? shellQuote(word);
  quotedPrograms.set(word, text);
  return text;
}

const isProgram = (word: string): boolean =>
  [
    lbDigestPerl,
    frontendsDigestPerl,
    rulesDigestPerl,
    serviceRowsPerl,
    nftTablesPerl,
    ...Object.values(perlPrograms),
  ].includes(word);

/** Each probe with the words that it is called with; undefined: there is nothing to ask. */
const probeWords: Readonly<Record<ProbeName, (targets: ProbeTargets) => readonly string[] | undefined>> = {
  apiProbe: () => [],
  dnsProbe: ({ dns }) => (dns.length === 0 ? undefined : dns.flatMap(dnsWords)),
  serversProbe: ({ servers }) =>
    servers.length === 0 ? undefined : servers.flatMap(({ via, address, port }) => [via, address, String(port)]),
};

const probeSections = (answers: ReadonlySet<string>, targets: ProbeTargets): Section[] =>
  probeNames.flatMap((name) => {
    const words = answers.has(name) ? probeWords[name](targets) : undefined;
    return words === undefined ? [] : [programSection('probes', name, words)];
  });

const functionOf = (name: string, lines: readonly string[]): string => `${name}() {\n${lines.join('\n')}\n}`;

const dnsWords = ({ via, protocol, server, port }: DnsTarget): string[] => [
  via,
  protocol,
  server,
  String(port),
  addressHex(server),
];

interface Section {
  readonly lane: Lane;
  /** The program that it calls, and the words for it that come with it. */
  readonly program?: AgentProgramName;
  readonly words?: readonly string[];
  readonly call: string;
}

const programSection = (lane: Lane, program: AgentProgramName, words: readonly string[] = []): Section => ({
  lane,
  program,
  words,
  call: `run ${program} ${isOfPerl(program) ? 'perl -e' : 'fn'}${words.length === 0 && !isOfPerl(program) ? '' : ` "\${${program}Words[@]}"`}`,
});

/** Reads its program and where it goes from the input: `reachInput`, or `noReachInput`. */
const reachSection: Section = { lane: 'reach', call: 'run reachProbe perl -' };

/** Its few words stand in the call, so that the command says what is asked. */
const shellCall = (typed: readonly string[], words: readonly string[] = []): Section => ({
  lane: 'agent',
  program: shellSection,
  words,
  call: ['run', shellSection, 'fn', ...typed.map(shellQuote)].join(' '),
});

type GivenWords = Partial<Record<AgentProgramName, readonly string[]>>;

/** What programs are called with each time. */
const given: GivenWords = { nftTables: [nftTablesPerl] };

function commandSections(answers: ReadonlySet<AnswerName>, words: GivenWords, isInLittle: boolean): Section[] {
  const asked = Object.entries<NodeCommand>(agentCommands).filter(([name]) => isAsked(name, answers));
  const typed = asked.flatMap(([, { shell }]) => shell ?? []);
  const first = asked.findIndex(([, { shell }]) => shell !== undefined);
  return asked.flatMap(([name, command], i) => {
    const sections = sectionOf(name, command, answers, words, isInLittle);
    return i === first ? [shellCall(typed, words.agentShell)].concat(sections) : sections;
  });
}

/** Whole tables and rules, which are nearly all that a node says: sections, of which the shell's is one. */
export const packedSections: ReadonlySet<string> = new Set<string>([
  ...(['lbDump', 'serviceList', ...ruleDumpNames, 'ipsetSave', 'ipvs'] satisfies AnswerName[]),
  shellSection,
]);

const packed = (section: Section): Section => ({
  ...section,
  call: section.call.replace(/^run (\w+) /, (all, name: string) => (packedSections.has(name) ? `${all}packed ` : all)),
});

const isAsked = (name: string, answers: ReadonlySet<string>): boolean => answers.has(name);

function sectionOf(
  name: string,
  command: NodeCommand,
  answers: ReadonlySet<AnswerName>,
  words: GivenWords,
  isInLittle: boolean,
): readonly Section[] {
  const section =
    'program' in command
      ? programSection(command.lane, command.program, words[command.program])
      : command.inLittle !== undefined && (isOfPerl(command.inLittle) ? isInLittle : name in words)
        ? programSection(command.lane, command.inLittle, words[command.inLittle])
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
