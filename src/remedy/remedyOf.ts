import type { RemedyReport, StepReport } from './RemedyReport.ts';
import type { Finding } from '../core/Finding.ts';
import type { RemedyStep, Variant } from '../core/Problem.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import { fillCommand, fillText } from './fill.ts';
import { valuesOf } from './valuesOf.ts';

/** The remedy of a finding, with commands that can be pasted as they stand. */
export function remedyOf(finding: Finding, variant: Variant, snapshot: Snapshot): RemedyReport {
  const kubectl = snapshot.origin.kind === 'live' ? snapshot.origin.kubectl : 'kubectl';
  const values = valuesOf(finding, snapshot);
  const command = (template: string): string => fillCommand(template, values, kubectl);
  return {
    steps: variant.steps.map((step) => ({
      text: fillText(step.text, values),
      where: step.where,
      ...(step.risk === undefined ? {} : { risk: fillText(step.risk, values) }),
      commands: commandsOf(step, finding, snapshot, kubectl),
    })),
    ...(variant.check === undefined ? {} : { check: command(variant.check) }),
    ...(variant.undo === undefined ? {} : { undo: command(variant.undo) }),
  };
}

/** A step that names a node, or is typed on it, is to be done on each node of the finding. */
function commandsOf(step: RemedyStep, finding: Finding, snapshot: Snapshot, kubectl: string): StepReport['commands'] {
  const template = step.command;
  if (template === undefined) return [];
  const perNode = finding.nodes.length > 0 && (step.where === 'node' || /\{\{(node|agentPod)\}\}/.test(template));
  if (!perNode) return [{ command: fillCommand(template, valuesOf(finding, snapshot), kubectl) }];
  return finding.nodes.map((node) => ({
    node,
    command: fillCommand(template, valuesOf(finding, snapshot, node), kubectl),
  }));
}
