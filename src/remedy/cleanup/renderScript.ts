import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { cleanupPrograms } from '../../programs/programs.ts';
import { count } from '../../text/plural.ts';
import { insideSingleQuotes, shellQuote } from '../../text/shell.ts';
import { isHazardous, visible } from '../../text/visible.ts';
import type { NodePlan } from './NodeCleanup.ts';

export interface ScriptContext {
  readonly toolVersion: string;
  /** RFC 3339: when the rules were read. */
  readonly takenAt: string;
  /** e.g. `kubectl --context=prod-1` */
  readonly kubectl: string;
  /** The file that the rules were read from; undefined: the cluster itself. */
  readonly archive: string | undefined;
  /** The agent's pod of the node; undefined: none is known. */
  readonly agent: { readonly namespace: string; readonly name: string; readonly container: string } | undefined;
}

/** Payloads up to this size stand in the script as they are, so that they can be read there. */
const plainBytes = 64 * 1024;

/**
 * The whole of one node's clean-up as one bash script: what is made here are the variables and payloads at its
 * beginning; what follows are the files of src/programs/cleanup. It says what it would do, and does it when
 * told to. Payloads stand in it ready made: what a person reads is what is run, and whose a rule is, is judged
 * in one place; the node only compares digests. It is all functions up to its last line, so that a script that
 * was cut on its way does nothing.
 */
export function renderScript(plan: NodePlan, context: ScriptContext): string {
  const { tables, ipvs } = plan;
  const { rules, cilium, others, backup, run, ...awk } = cleanupPrograms;
  return [
    '#!/usr/bin/env bash',
    ...headOf(plan, context).map((line) => (line === '' ? '#' : `# ${visible(line)}`)),
    '',
    `NODE=${shellQuote(plan.node)}`,
    `ID=${idOf(plan)}`,
    `HEALTH_IS_CILIUM=${plan.healthIsCilium ? 'yes' : 'no'}`,
    array(
      'BACKEND',
      tables.map(({ backend }) => backend),
    ),
    array(
      'FAMILY',
      tables.map(({ family }) => family),
    ),
    array(
      'TABLE',
      tables.map(({ table }) => table),
    ),
    array(
      'WHAT',
      tables.map(({ chains, rules }) => `${count(rules, 'rule')}, ${count(chains, 'chain')}`),
    ),
    array(
      'STAGES',
      tables.map(({ stages }) => String(stages.length)),
    ),
    '# Digests of kube-proxy’s rules: as it was read, and after each payload.',
    array(
      'STATES',
      tables.map(({ states }) => states.join(' ')),
    ),
    array(
      'NFT',
      plan.nftTables.map(({ family }) => family),
    ),
    array(
      'NFT_CHAINS',
      plan.nftTables.map(({ chains }) => String(chains)),
    ),
    array('SERVERS', ipvs.servers),
    array('BY_SERVICE', ipvs.byService),
    `LINK=${ipvs.link ? 'yes' : 'no'}`,
    array('SETS', ipvs.sets),
    '# shellcheck disable=SC1112,SC2016',
    array('NOTES', plan.notes.map(visible)),
    '',
    '# What iptables-restore --noflush gets.',
    'payload() { # TABLE.PAYLOAD',
    'case $1 in',
    ...tables.flatMap(({ stages }, table) =>
      stages.flatMap((text, stage) => [`${table}.${stage + 1})`, ...payloadCommand(text), ';;']),
    ),
    '*) return 1 ;;',
    'esac',
    '}',
    '',
    '# Programs of awk, by the names by which the bash below calls them.',
    ...Object.entries(awk).flatMap(([name, text]) => [
      '# shellcheck disable=SC2016,SC2089',
      `${name}='${insideSingleQuotes(text)}'`,
      '',
    ]),
    rules,
    cilium,
    others,
    backup,
    run,
    '{ main "$@"; exit; }',
    '',
  ].join('\n');
}

const array = (name: string, words: readonly string[]): string => `${name}=(${words.map(shellQuote).join(' ')})`;

const payloadCommand = (text: string): readonly string[] =>
  Buffer.byteLength(text) <= plainBytes && !isHazardous(text.replaceAll('\n', ''))
    ? ["cat <<'KPR_PAYLOAD'", `${text}KPR_PAYLOAD`]
    : [
        "base64 -d <<'KPR_PAYLOAD' | gzip -dc",
        ...wrapped(gzipSync(text, { level: 9 }).toString('base64')),
        'KPR_PAYLOAD',
      ];

const wrapped = (text: string): readonly string[] => text.match(/.{1,120}/g) ?? [];

/** The same for the same rules, so that a run finds the back-up of one that was interrupted. */
function idOf({ node, tables, nftTables, ipvs }: NodePlan): string {
  const hash = createHash('sha256').update(JSON.stringify([node, nftTables, ipvs]));
  for (const { backend, family, table, states } of tables)
    hash.update(JSON.stringify([backend, family, table, states]));
  return hash.digest('hex').slice(0, 10);
}

/** The file that it is written to. */
export const scriptName = ({ node }: Pick<NodePlan, 'node'>): string => `cleanup-${node}.sh`;

/** How to run a script that lies in a file, from the workstation. */
export function waysToRun(
  { node, nftTables, ipvs }: NodePlan,
  { kubectl, agent }: Pick<ScriptContext, 'kubectl' | 'agent'>,
  file: string,
  mode: string,
): { readonly agent: string | undefined; readonly node: string; readonly needsNode: boolean } {
  const script = shellQuote(file);
  return {
    agent:
      agent === undefined
        ? undefined
        : `${kubectl} -n ${shellQuote(agent.namespace)} exec -i ${shellQuote(agent.name)} -c ${shellQuote(agent.container)} -- bash -s -- ${mode} < ${script}`,
    node: `${kubectl} debug node/${shellQuote(node)} -i -q --profile=sysadmin --image=busybox -- chroot /host bash -s -- ${mode} < ${script}`,
    needsNode: nftTables.length > 0 || ipvs.servers.length > 0 || ipvs.byService.length > 0,
  };
}

function headOf(plan: NodePlan, context: ScriptContext): readonly string[] {
  const file = scriptName(plan);
  const ways = waysToRun(plan, context, file, 'check');
  return [
    `Takes away what kube-proxy left on node ${plan.node}, and nothing else.`,
    `Written by kubectl-kpr ${context.toolVersion} from the rules of ${context.takenAt}.`,
    ...(context.archive === undefined
      ? []
      : [
          '',
          `Made from the archive ${context.archive}, not from the cluster: what it holds is as true as whoever wrote it.`,
          'What is on the node is compared with it before anything is taken away; read check and show before you run it.',
        ]),
    '',
    `  bash ${file} [check]     looks, tests every payload, changes nothing`,
    `  bash ${file} run         takes a back-up, removes kube-proxy's rules, checks`,
    `  bash ${file} undo DIR    puts back what a run took away; DIR is its back-up (also: bash DIR/undo)`,
    `  bash ${file} show        prints the payloads`,
    '',
    'It stops, and nothing is changed, where kube-proxy lives or its rules are not those that were read any more.',
    'Each payload is applied as a whole or not at all; after an interruption run it again, or undo.',
    '',
    'Exit status: 0 done, or nothing to do, or (check) it can be run; 1 refused, nothing changed; 2 cannot run here, nothing',
    'changed; 3 not finished or not as it should be; 4 done as far as this place can; 5 done, but lines of others changed',
    'meanwhile; 130 interrupted between two payloads.',
    'KPR_BACKUP_DIR: where back-ups go; else /var/run/cilium, which the node and the pod of its agent share, or /var/tmp.',
    '',
    'It runs as root in the node’s network namespace. In the pod of the agent, which has every iptables but neither nft nor ipvsadm:',
    ...(ways.agent === undefined ? ['  (the agent’s pod is not known)'] : [`  ${ways.agent}`]),
    'or with the node’s own programs:',
    `  ${ways.node}`,
  ];
}
