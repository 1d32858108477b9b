import { problems } from '../../checks/problems.ts';

export interface ProblemText {
  readonly code: string;
  /** undefined: a text of the problem itself. */
  readonly variant: string | undefined;
  readonly field:
    | 'title'
    | 'symptom'
    | 'cause'
    | 'confirm'
    | 'message'
    | 'step'
    | 'command'
    | 'risk'
    | 'check'
    | 'undo';
  readonly text: string;
}

/** Every text of every problem, as it stands in src/knowledge. */
export function* problemTexts(): Generator<ProblemText> {
  for (const [code, problem] of problems) {
    for (const field of ['title', 'symptom', 'cause', 'confirm'] as const)
      yield { code, variant: undefined, field, text: problem[field] };
    for (const [variant, { message, steps, check, undo }] of Object.entries(problem.variants)) {
      yield { code, variant, field: 'message', text: message };
      for (const { text, command, risk } of steps) {
        yield { code, variant, field: 'step', text };
        if (command !== undefined) yield { code, variant, field: 'command', text: command };
        if (risk !== undefined) yield { code, variant, field: 'risk', text: risk };
      }
      if (check !== undefined) yield { code, variant, field: 'check', text: check };
      if (undo !== undefined) yield { code, variant, field: 'undo', text: undo };
    }
  }
}
