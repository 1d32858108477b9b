import type { RemedyStep, RestartStep, SettingStep } from '../core/Problem.ts';
import type { SettingOwner } from '../expect/agent/settingOwner.ts';
import { fillCommand, fillText, type Values } from './fill.ts';

/** How the agents' DaemonSet is updated; `byHand`: pods are made anew only after somebody deleted them. */
export type Update = 'rolling' | 'byHand';

/** The command of a step before it is filled in; that of a setting is made of its values. */
export function templateOf(step: Exclude<RemedyStep, SettingStep>, update: Update): string | undefined {
  return step.restart === undefined ? step.command : restartTemplate(step.restart, update);
}

const restartOne = 'kubectl -n {{namespace}} delete pod {{agentPod}}';
const rollOut =
  'kubectl -n {{namespace}} rollout restart daemonset {{agentDaemonSet}} && kubectl -n {{namespace}} rollout status daemonset {{agentDaemonSet}} --timeout=30m';
const oneByOne =
  'for pod in $(kubectl -n {{namespace}} get pods -l k8s-app=cilium -o name); do kubectl -n {{namespace}} delete "$pod" && sleep 10 && kubectl -n {{namespace}} wait --for=condition=Ready pod -l k8s-app=cilium --timeout=10m || break; done';

const podOfNode =
  '"$(kubectl -n {{namespace}} get pods -l k8s-app=cilium --field-selector spec.nodeName={{node}} -o jsonpath=\'{.items[0].metadata.name}\')"';

/** A command that names a node's agent, for when the agent was restarted and has another pod. */
export const afterRestart = (template: string): string => template.replaceAll('{{agentPod}}', podOfNode);

function restartTemplate(restart: RestartStep['restart'], update: Update): string {
  switch (restart) {
    case 'agent':
      return restartOne;
    case 'hung':
      return `${restartOne} --grace-period=5`;
    case 'all':
      return update === 'rolling' ? rollOut : oneByOne;
    default:
      return restart satisfies never;
  }
}

/** Sets an option where its owner sets it. */
export function settingCommand({ sets }: SettingStep, owner: SettingOwner, values: Values, kubectl: string): string {
  const value = sets.value === null ? null : fillText(sets.value, values);
  const entry = { [fillText(sets.key, values)]: value };
  switch (owner.kind) {
    case 'configMap': {
      const template = 'kubectl -n {{namespace}} patch configmap cilium-config --type merge -p {{patch}}';
      return fillCommand(template, { ...values, patch: JSON.stringify({ data: entry }) }, kubectl);
    }
    case 'nodeConfig': {
      const template = 'kubectl -n {{owner}} patch ciliumnodeconfig {{config}} --type merge -p {{patch}}';
      const patch = JSON.stringify({ spec: { defaults: entry } });
      return fillCommand(template, { owner: owner.namespace, config: owner.name, patch }, kubectl);
    }
    case 'nodeAnnotation': {
      const { node, annotation } = owner;
      const change = value === null ? `${annotation}-` : `${annotation}=${value}`;
      return fillCommand('kubectl annotate node {{node}} --overwrite {{change}}', { node, change }, kubectl);
    }
    default:
      return owner satisfies never;
  }
}

/** Without a finding: what is usual. */
export const usualCommand = (step: RemedyStep): string | undefined =>
  step.sets === undefined ? templateOf(step, 'rolling') : settingCommand(step, { kind: 'configMap' }, {}, 'kubectl');

/** The text of a step with what limits it, and with the name that Helm's users know. */
export function usualText(step: RemedyStep): string {
  const { text, sets, on } = step;
  const limits = [
    ...(step.when === undefined ? [] : [step.when === 'all' ? 'if all nodes have it' : 'if some nodes have it']),
    ...(on === undefined ? [] : [on.length > 5 ? 'other distributions' : on.join(', ')]),
    ...(step.restart !== undefined && step.onlyByHand === true ? ['updateStrategy OnDelete'] : []),
  ];
  const helm = sets?.helm === undefined ? '' : ` (Helm: ${sets.helm})`;
  return `${text}${helm}${limits.length === 0 ? '' : ` [${limits.join('; ')}]`}`;
}
