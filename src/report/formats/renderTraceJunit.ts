import type { PathReport, TraceDocument } from '../TraceDocument.ts';
import { type JunitCase, type JunitOutcome, passed, renderJunit } from './junit.ts';
import { subjectOf } from './plainText.ts';

/** A test for each node: it fails where something differs, and is an error where not everything is known. */
export function renderTraceJunit(document: TraceDocument): string {
  const { service, connection, paths, verdict, exitCode, tool } = document;
  const name = `trace ${service.namespace}/${service.name} from ${connection.from}`;
  return renderJunit([{ name, cases: [examined(document), ...paths.flatMap(casesOf)] }], {
    takenAt: document.takenAt,
    subject: subjectOf(document),
    seconds: document.durationMs / 1000,
    properties: { command: 'trace', verdict, exitCode: String(exitCode), version: tool.version },
  });
}

function examined({ verdict, paths }: TraceDocument): JunitCase {
  const name = 'The nodes were examined';
  if (verdict === 'interrupted') return { name, outcome: { kind: 'error', message: 'interrupted' } };
  return { name, outcome: paths.length === 0 ? { kind: 'error', message: 'no node was examined' } : passed };
}

function casesOf(path: PathReport): readonly JunitCase[] {
  const outcome = outcomeOf(path);
  return path.nodes.map((name) => ({ name, outcome }));
}

function outcomeOf({ verdict, frontends, beside, unknown }: PathReport): JunitOutcome {
  const lines = [
    ...frontends.map(
      ({ type, address, port, protocol, summary }) => `${type} ${address ?? '*'}:${port}/${protocol}: ${summary}`,
    ),
    ...beside.map(({ code, row, text }) => `${code} ${row ?? ''}: ${text}`),
  ];
  const first = [...frontends.flatMap(({ differences }) => differences), ...beside].find(({ settling }) => !settling);
  switch (verdict) {
    case 'pass':
      return passed;
    case 'fail':
      return {
        kind: 'failure',
        type: first?.code ?? 'differs',
        message: first?.text ?? 'differs',
        text: lines.join('\n'),
      };
    case 'unknown':
      return {
        kind: 'error',
        type: 'unknown',
        message: unknown?.detail ?? 'not everything is known',
        text: lines.join('\n'),
      };
  }
}
