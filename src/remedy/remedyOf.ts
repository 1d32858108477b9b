import type { AlternativeReport, RemedyReport, StepReport } from './RemedyReport.ts';
import type { Finding } from '../core/Finding.ts';
import type { Alternative, Remedy, RemedyStep } from '../core/Problem.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import { fillCommand, fillText } from './fill.ts';
import { valuesOf } from './valuesOf.ts';

/** A remedy of a finding, with commands that can be pasted as they stand. */
export function remedyOf(finding: Finding, { steps, check, undo }: Remedy, snapshot: Snapshot): RemedyReport {
  const values = valuesOf(finding, snapshot);
  const command = (template: string): string => fillCommand(template, values, kubectlOf(snapshot));
  return {
    steps: steps.map((step) => stepOf(step, finding, snapshot)),
    ...(check === undefined ? {} : { check: command(check) }),
    ...(undo === undefined ? {} : { undo: command(undo) }),
  };
}

export const alternativeOf = (finding: Finding, way: Alternative, snapshot: Snapshot): AlternativeReport => ({
  title: fillText(way.title, valuesOf(finding, snapshot)),
  ...remedyOf(finding, way, snapshot),
});

const kubectlOf = ({ origin }: Snapshot): string => (origin.kind === 'live' ? origin.kubectl : 'kubectl');

function stepOf(step: RemedyStep, finding: Finding, snapshot: Snapshot): StepReport {
  const { text, where, risk, precondition, decision } = step;
  const values = valuesOf(finding, snapshot);
  return {
    text: fillText(text, values),
    where,
    ...(risk === undefined ? {} : { risk: fillText(risk, values) }),
    ...(precondition === undefined
      ? {}
      : {
          precondition: {
            text: fillText(precondition.text, values),
            command: fillCommand(precondition.command, values, kubectlOf(snapshot)),
          },
        }),
    ...(decision === undefined ? {} : { decision }),
    commands: commandsOf(step, finding, snapshot),
  };
}

/** A step that names a node, or is typed on it, is to be done on each node of the finding. */
function commandsOf(step: RemedyStep, finding: Finding, snapshot: Snapshot): StepReport['commands'] {
  const kubectl = kubectlOf(snapshot);
  const template = step.command;
  if (template === undefined) return [];
  const perNode = finding.nodes.length > 0 && (step.where === 'node' || /\{\{(node|agentPod)\}\}/.test(template));
  if (!perNode) return [{ command: fillCommand(template, valuesOf(finding, snapshot), kubectl) }];
  return finding.nodes.map((node) => ({
    node,
    command: fillCommand(template, valuesOf(finding, snapshot, node), kubectl),
  }));
}
