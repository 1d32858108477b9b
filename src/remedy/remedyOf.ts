import type { Finding } from '../core/Finding.ts';
import type { Alternative, Deed, Precondition, Remedy, RemedyStep, RestartStep, SettingStep } from '../core/Problem.ts';
import { settingOwner, type SettingOwner } from '../expect/agent/settingOwner.ts';
import type { Code } from '../knowledge/codes.ts';
import { isKnown, valueOf } from '../model/Fact.ts';
import type { Intent } from '../model/Intent.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import { listNames } from '../text/names.ts';
import { shellQuote } from '../text/shell.ts';
import { fillCommand, fillText, kubectlOf } from './fill.ts';
import type { AlternativeReport, RemedyReport, StepReport } from './RemedyReport.ts';
import { obstacleTo, type Situation, type WithCauses } from './Situation.ts';
import { afterRestart, settingCommand, templateOf, type Update } from './stepCommands.ts';
import { valuesOf } from './valuesOf.ts';

/**
 * A remedy of a finding, with commands that can be pasted as they stand. It ends before the first step that would do
 * harm as things are, with the reason.
 */
export function remedyOf(of: WithCauses, { steps, check, undo }: Remedy, situation: Situation): RemedyReport {
  const { snapshot } = situation;
  const values = valuesOf(of.finding, snapshot);
  const command = (template: string): string => fillCommand(template, values, kubectlOf(snapshot));
  const meant = steps.filter((step) => isMeantFor(step, of.finding, situation));
  const reported = upToWithheld(meant.map((step, at) => stepOf(laterIn(meant, at, step), of, situation)));
  const checkThen = check !== undefined && meant.some(restarts) ? afterRestart(check) : check;
  return {
    steps: reported,
    ...(checkThen === undefined ? {} : { check: command(ofChange(checkThen, snapshot.intent)) }),
    ...(undo === undefined || isWithheld(reported) ? {} : { undo: command(undo) }),
  };
}

/** The change that was judged: without its name `preflight` judges what comes next, or nothing. */
function ofChange(command: string, intent: Intent | undefined): string {
  if (intent === undefined) return command;
  const version = intent.toVersion === undefined ? '' : ` --to-version ${shellQuote(intent.toVersion)}`;
  return command.replace(/^kubectl kpr preflight(?= --(?:against|check) )/, `$& --change ${intent.change}${version}`);
}

/** undefined: a step of it would do harm as things are, and there is the other way. */
export function alternativeOf(of: WithCauses, way: Alternative, situation: Situation): AlternativeReport | undefined {
  const remedy = remedyOf(of, way, situation);
  if (isWithheld(remedy.steps)) return undefined;
  return { title: fillText(way.title, valuesOf(of.finding, situation.snapshot)), ...remedy };
}

/** A step as it is after those before it: an agent that was restarted has another pod. */
const laterIn = (steps: readonly RemedyStep[], at: number, step: RemedyStep): RemedyStep =>
  step.command !== undefined && steps.slice(0, at).some(restarts)
    ? { ...step, command: afterRestart(step.command) }
    : step;

function restarts(step: RemedyStep): boolean {
  const deed = deedOf(step);
  return deed !== undefined && deed !== 'endKubeProxy';
}

const isWithheld = (steps: readonly StepReport[]): boolean => steps.some(({ withheld }) => withheld === true);

function upToWithheld(steps: readonly StepReport[]): readonly StepReport[] {
  const end = steps.findIndex(({ withheld }) => withheld === true);
  return end === -1 ? steps : steps.slice(0, end + 1);
}

const isMeantFor = (step: RemedyStep, finding: Finding, situation: Situation): boolean =>
  step.on?.includes(situation.snapshot.distribution) !== false &&
  isForUpdate(step, situation.snapshot) &&
  (step.when === undefined || (step.when === 'all') === isEverywhere(finding, situation));

/** No node is known to be without it, and the agents' own tables have it, too, as far as is known. */
function isEverywhere({ nodes, layer }: Finding, { snapshot, undecided }: Situation): boolean {
  if (layer === 'map') return false;
  const read = snapshot.nodes.filter(({ coverage, facts }) => coverage.kind === 'covered' && isKnown(facts.lbTable));
  const having = new Set(nodes);
  const others = read.filter(({ name }) => !having.has(name));
  return read.length > 1 && others.every(({ name }) => undecided().has(name));
}

const isForUpdate = (step: RemedyStep, snapshot: Snapshot): boolean =>
  step.restart === undefined || step.onlyByHand !== true || updateOf(snapshot) === 'byHand';

function updateOf({ facts, cilium }: Snapshot): Update {
  const agents = (valueOf(facts.daemonSets) ?? []).find(
    ({ metadata }) => metadata.namespace === cilium.namespace && metadata.name === cilium.agentDaemonSets[0],
  );
  return agents?.spec?.updateStrategy?.type === 'OnDelete' ? 'byHand' : 'rolling';
}

function stepOf(step: RemedyStep, of: WithCauses, situation: Situation): StepReport {
  const deed = deedOf(step);
  const { where } = step;
  if (deed === undefined) return allowed(step, of, situation, targetsOf(step, of.finding, situation.snapshot));
  const repairs = step.repairs ?? [];
  const causes = of.causes.filter((code) => !repairs.some((repaired) => repaired === code));
  if (causes.length > 0 && (deed === 'restartAgent' || deed === 'restartAllAgents'))
    return {
      text: `Repair ${listNames(causes)} first, see above: this follows from it`,
      where,
      withheld: true,
      commands: [],
    };
  const targets = targetsOf(step, of.finding, situation.snapshot);
  const isOfNodes = deed === 'restartAgent' || deed === 'rebootNode';
  const obstacles = (isOfNodes && targets.length > 0 ? targets : [undefined]).map((node) => ({
    node,
    why: obstacleTo({ deed, node, finding: of.finding, repairs }, situation),
  }));
  const blocked = obstacles.filter(({ why }) => why !== undefined);
  const [first] = blocked;
  if (first?.why === undefined) return allowed(step, of, situation, targets);
  const not = `${leads[deed]}: ${first.why}`;
  if (blocked.length === obstacles.length) return { text: not, where, withheld: true, commands: [] };
  const names = new Set(blocked.map(({ node }) => node ?? ''));
  const free = targets.filter((node) => !names.has(node));
  const report = allowed(step, of, situation, free);
  return { ...report, text: `${report.text}, but not on ${listNames([...names])}: ${first.why}` };
}

const leads: Readonly<Record<Deed, string>> = {
  restartAgent: 'Do not restart the agent now',
  restartAllAgents: 'Do not restart the agents now',
  rebootNode: 'Do not restart the node now',
  endKubeProxy: 'kube-proxy has to stay for now',
};

function deedOf(step: RemedyStep): Deed | undefined {
  if (step.restart === undefined) return step.does;
  return step.restart === 'all' ? 'restartAllAgents' : 'restartAgent';
}

/** The nodes that a step is done for; empty: it is not done for single ones. */
function targetsOf(step: RemedyStep, finding: Finding, snapshot: Snapshot): readonly string[] {
  if (step.restart === undefined) return finding.nodes;
  if (step.restart === 'all') return [];
  if (step.onNode !== undefined) return [fillText(step.onNode, valuesOf(finding, snapshot))];
  const first = snapshot.nodes.find(({ agent, coverage }) => agent !== undefined && coverage.kind === 'covered');
  return finding.nodes.length > 0 || first === undefined ? finding.nodes : [first.name];
}

function allowed(step: RemedyStep, of: WithCauses, { snapshot }: Situation, targets: readonly string[]): StepReport {
  const { text, where, risk, decision } = step;
  const values = valuesOf(of.finding, snapshot);
  const first = preconditionOf(step, of.finding);
  return {
    text: fillText(text, values) + (step.sets === undefined ? '' : ownerWords(step, of.finding, snapshot)),
    where,
    ...(risk === undefined ? {} : { risk: fillText(risk, values) }),
    ...(first === undefined
      ? {}
      : {
          precondition: {
            text: fillText(first.text, values),
            command: fillCommand(
              first.command,
              { ...values, targets: targets.length > 0 ? targets.join(',') : undefined },
              kubectlOf(snapshot),
            ),
          },
        }),
    ...(decision === undefined ? {} : { decision }),
    commands:
      step.sets === undefined
        ? commandsOf(step, of.finding, snapshot, targets)
        : ownersOf(step, of.finding, snapshot).map((owner) => ({
            command: settingCommand(step, owner, values, kubectlOf(snapshot)),
          })),
  };
}

/**
 * An agent that starts needs the API server, and a configuration that it takes. Where the finding itself is that one of
 * these is missing, the steps before have repaired it, and the pods that run do not know yet.
 */
function preconditionOf(step: RemedyStep, finding: Finding): Precondition | undefined {
  if (step.restart === undefined) return step.precondition;
  if (repairedFirst.has(finding.code)) return undefined;
  return {
    text: 'agents that start reach the API server, and take their configuration',
    command: `kubectl kpr verify${step.restart === 'all' ? '' : ' --node {{targets}}'} --check ${beforeRestart[step.restart]}`,
  };
}

/** Findings of what agents were started with: what they start with next is right already, or repaired by then. */
const repairedFirst: ReadonlySet<Code> = new Set(['KPR1003', 'KPR2001', 'KPR2002', 'KPR2004']);

/**
 * What fails where an agent that restarts does not come back, or serves nothing then. One that hangs cannot tell how
 * its
 * calls of the API server fare; its node can.
 */
const beforeRestart: Readonly<Record<RestartStep['restart'], string>> = {
  agent: 'agents-would-start,KPR2002,KPR2004',
  hung: 'agents-would-start,api-endpoint-answers,KPR2004',
  all: 'agents-would-start,KPR2002,KPR2004',
};

/** A step that names a node, or is typed on it, is to be done on each node of the finding. */
function commandsOf(
  step: Exclude<RemedyStep, SettingStep>,
  finding: Finding,
  snapshot: Snapshot,
  targets: readonly string[],
): StepReport['commands'] {
  const kubectl = kubectlOf(snapshot);
  const template = templateOf(step, updateOf(snapshot));
  if (template === undefined) return [];
  const perNode = targets.length > 0 && (step.where === 'node' || /\{\{(node|agentPod)\}\}/.test(template));
  if (!perNode) return [{ command: fillCommand(template, valuesOf(finding, snapshot), kubectl) }];
  return targets.map((node) => ({
    node,
    command: fillCommand(template, valuesOf(finding, snapshot, node), kubectl),
  }));
}

/** Each once: those that set it for the finding's nodes, or for any. */
function ownersOf({ sets, onNode }: SettingStep, finding: Finding, snapshot: Snapshot): readonly SettingOwner[] {
  const values = valuesOf(finding, snapshot);
  const named = new Set(onNode === undefined ? finding.nodes : [fillText(onNode, values)]);
  const key = fillText(sets.key, values);
  const meant = snapshot.nodes.filter(
    ({ name, coverage }) => coverage.kind === 'covered' && (named.size === 0 || named.has(name)),
  );
  const owners = meant.map((node): SettingOwner => settingOwner(key, node, snapshot.facts));
  if (named.size === 0 || owners.length === 0) owners.unshift({ kind: 'configMap' });
  return [...new Map(owners.map((owner) => [JSON.stringify(owner), owner])).values()];
}

function ownerWords(step: SettingStep, finding: Finding, snapshot: Snapshot): string {
  const owners = ownersOf(step, finding, snapshot);
  const others = owners.flatMap((owner) => nameOfOwner(owner) ?? []);
  const { helm: template } = step.sets;
  const isHelms = template !== undefined && others.length < owners.length;
  const helm = isHelms ? ` (Helm: ${fillText(template, valuesOf(finding, snapshot))})` : '';
  return others.length === 0 ? helm : `${helm}; set by ${listNames(others)}`;
}

/** undefined: the usual one. */
function nameOfOwner(owner: SettingOwner): string | undefined {
  switch (owner.kind) {
    case 'configMap':
      return undefined;
    case 'nodeConfig':
      return `CiliumNodeConfig ${owner.namespace}/${owner.name}`;
    case 'nodeAnnotation':
      return `the annotation ${owner.annotation} of Node ${owner.node}`;
    default:
      return owner satisfies never;
  }
}
