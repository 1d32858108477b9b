import { type Markup, markup } from './markup.ts';

/** A test as CI servers show it. Of one that neither failed nor was left out there is nothing to say. */
export interface JunitCase {
  readonly name: string;
  readonly outcome: JunitOutcome;
}

export type JunitOutcome =
  | { readonly kind: 'passed' }
  | {
      /** error: it could not be said whether it holds. */
      readonly kind: 'failure' | 'error' | 'skipped';
      /** One line. */
      readonly message: string;
      /** A word for the kind of failure. */
      readonly type?: string;
      readonly text?: string;
    };

export const passed: JunitOutcome = { kind: 'passed' };

export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
  /** What is worth saying and fails nothing. */
  readonly notes?: readonly string[];
}

interface Run {
  /** RFC 3339. */
  readonly takenAt: string;
  /** What was looked at: a context or a file. */
  readonly subject: string;
  readonly seconds: number;
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * JUnit's XML as CI servers read it: what the schemas of Ant and of Jenkins both allow, with everything that either
 * asks for. Suites without a case are left out.
 */
export function renderJunit(suites: readonly JunitSuite[], run: Run): string {
  const filled = suites.filter(({ cases }) => cases.length > 0);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${markup`<testsuites>
${filled.map((suite, id) => suiteElement(suite, id, run))}</testsuites>
`.toString()}`;
}

const suiteElement = (
  { name, cases, notes = [] }: JunitSuite,
  id: number,
  run: Run,
): Markup => markup`  <testsuite name="${name}" package="kpr" id="${id}" hostname="${run.subject}" timestamp="${timeOf(run)}" tests="${cases.length}" failures="${countOf(cases, 'failure')}" errors="${countOf(cases, 'error')}" skipped="${countOf(cases, 'skipped')}" time="${id === 0 ? run.seconds : 0}">
    <properties>
${Object.entries(run.properties).map(([key, value]) => markup`      <property name="${key}" value="${value}"/>\n`)}    </properties>
${cases.map((one) => caseElement(one, name))}    <system-out>${notes.join('\n')}</system-out>
    <system-err></system-err>
  </testsuite>
`;

function caseElement({ name, outcome }: JunitCase, suite: string): Markup {
  const head = markup`    <testcase classname="kpr.${suite}" name="${name}" time="0"`;
  switch (outcome.kind) {
    case 'passed':
      return markup`${head}/>\n`;
    case 'skipped':
      return markup`${head}><skipped message="${outcome.message}"/></testcase>\n`;
    case 'failure':
    case 'error': {
      const { message, type = outcome.kind, text = '' } = outcome;
      const inner = markup` type="${type}" message="${message}">${text}`;
      return outcome.kind === 'failure'
        ? markup`${head}><failure${inner}</failure></testcase>\n`
        : markup`${head}><error${inner}</error></testcase>\n`;
    }
  }
}

const countOf = (cases: readonly JunitCase[], kind: JunitOutcome['kind']): number =>
  cases.filter(({ outcome }) => outcome.kind === kind).length;

/** Ant's schema knows no zone and no fractions. */
function timeOf({ takenAt }: Run): string {
  const at = new Date(takenAt);
  return Number.isFinite(at.getTime()) ? at.toISOString().slice(0, 19) : '1970-01-01T00:00:00';
}
