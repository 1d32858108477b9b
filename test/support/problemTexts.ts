import { remediesOf, stepsOf } from './remediesOf.ts';
import { problems } from '../../checks/problems.ts';

export interface ProblemText {
  readonly code: string;
  /** undefined: a text of the problem itself. */
  readonly variant: string | undefined;
  readonly field:
    | 'title'
    | 'brief'
    | 'symptom'
    | 'cause'
    | 'confirm'
    | 'message'
    | 'alternative'
    | 'precondition'
    | 'step'
    | 'command'
    | 'risk'
    | 'check'
    | 'undo';
  readonly text: string;
}

/** Every text of every problem, as it stands beside the checks. */
export function* problemTexts(): Generator<ProblemText> {
  for (const [code, problem] of problems) {
    for (const field of ['title', 'brief', 'symptom', 'cause', 'confirm'] as const)
      yield { code, variant: undefined, field, text: problem[field] };
    for (const [variant, shown] of Object.entries(problem.variants)) {
      yield { code, variant, field: 'message', text: shown.message };
      if (shown.brief !== undefined) yield { code, variant, field: 'brief', text: shown.brief };
      for (const { title } of shown.alternatives ?? []) yield { code, variant, field: 'alternative', text: title };
      for (const { text, command, risk, precondition } of stepsOf(shown)) {
        yield { code, variant, field: 'step', text };
        if (command !== undefined) yield { code, variant, field: 'command', text: command };
        if (risk !== undefined) yield { code, variant, field: 'risk', text: risk };
        if (precondition === undefined) continue;
        yield { code, variant, field: 'precondition', text: precondition.text };
        yield { code, variant, field: 'command', text: precondition.command };
      }
      for (const { check, undo } of remediesOf(shown)) {
        if (check !== undefined) yield { code, variant, field: 'check', text: check };
        if (undo !== undefined) yield { code, variant, field: 'undo', text: undo };
      }
    }
  }
}
