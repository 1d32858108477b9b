import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * What runs on nodes, in files of its own language, for shellcheck and for whoever wants to know what that is. This is
 * the one place that reads them: a bundle has the texts in place of this module (pkg/bundle.ts). Parameters come before
 * a text, as variables or as arguments of the function that it becomes; nothing is put into one.
 */

const read = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');

/**
 * The same without comments and indentation, for what travels to every node each time. So in such a file blank and `#`
 * begin
 * nothing but a comment, and no quoted text may need the blanks at the beginning of its lines.
 */
const readShort = (name: string): string =>
  read(name)
    .replaceAll(/(^| +)#( .*)?$/gm, '')
    .replaceAll(/^\s+/gm, '')
    .trimEnd();

/** What stands around all that one exec asks an agent. */
export const agentFrame = readShort('agent/frame.sh');

/** The thread beside the program: terminal/Guard.ts. */
export const guardProgram = read('guard/guard.cjs');

const rulesDump = readShort('agent/rulesDump.sh');

/** Functions in it, by the names of the sections that they print. */
export const agentPrograms = {
  agentShell: readShort('agent/agentShell.sh'),
  apiProbe: readShort('agent/apiProbe.sh'),
  conntrack: readShort('agent/conntrack.sh'),
  ipsetSave: readShort('agent/ipsetSave.sh'),
  ipvs: readShort('agent/ipvs.sh'),
  kernelOptions: readShort('agent/kernelOptions.sh'),
  lbDump: readShort('agent/lbDump.sh'),
  lbMaps: readShort('agent/lbMaps.sh'),
  nftTables: readShort('agent/nftTables.sh'),
  iptablesNft: rulesDump,
  ip6tablesNft: rulesDump,
  iptablesLegacy: rulesDump,
  ip6tablesLegacy: rulesDump,
  serviceList: readShort('agent/serviceList.sh'),
  proxyHealth: readShort('agent/proxyHealth.sh'),
  serversProbe: readShort('agent/serversProbe.sh'),
  startedConfig: readShort('agent/startedConfig.sh'),
  sysctls: readShort('agent/sysctls.sh'),
} as const;

/** Programs of perl, by the names of the sections that they print: without a shell around them each is one process. */
export const perlPrograms = {
  devicePrograms: readShort('agent/devicePrograms.pl'),
  dnsProbe: readShort('agent/dnsProbe.pl'),
  nftFilters: readShort('agent/nftFilters.pl'),
  routes4: readShort('agent/routes4.pl'),
} as const;
export type AgentProgramName = keyof typeof agentPrograms | keyof typeof perlPrograms;

/** The argument of the program nftTables. */
export const nftTablesPerl = readShort('agent/nftTables.pl');

/** The first argument of the program lbDump, where digests will do. */
export const lbDigestPerl = readShort('agent/lbDigest.pl');

/** The first of the words of agentShell, where digests will do. */
export const frontendsDigestPerl = readShort('agent/frontendsDigest.pl');

/** The first of the words of a dump of rules, where digests will do. */
export const rulesDigestPerl = readShort('agent/rulesDigest.pl');

/** The first of the words of serviceList, where some frontends will do. */
export const serviceRowsPerl = readShort('agent/serviceRows.pl');

/** Read by perl from its input, places behind it. */
export const reachProbePerl = readShort('agent/reachProbe.pl');

/** Read by perl, or by the shell below in place of it, with the places to connect to behind its end. */
export const connectPerl = readShort('connect/connect.pl');
export const connectShell = readShort('connect/connect.sh');

/** Takes the script of a clean-up by stdin and runs it: bash, whose $0 is the length in bytes. */
export const receiveScript = readShort('cleanup/receive.sh');

/** The clean-up of a node: bash, and the awk programs that it calls, by their variables there. */
export const cleanupPrograms = {
  rules: read('cleanup/rules.sh'),
  cilium: read('cleanup/cilium.sh'),
  others: read('cleanup/others.sh'),
  backup: read('cleanup/backup.sh'),
  run: read('cleanup/run.sh'),
  SPLIT: read('cleanup/split.awk'),
  FORWARD: read('cleanup/forward.awk'),
  UNDO: read('cleanup/undo.awk'),
} as const;
