import type { Operand, Pipe, PipeCommand, TemplateNode } from '../../src/knowledge/charts/TemplateNode.ts';
import type { Template } from './parseTemplate.ts';

/**
 * The parts of a template on which it depends whether it is refused: each `fail` and `required`, the conditions around
 * them, and variables. Empty where nothing refuses.
 */
export function pruned({ nodes, defined }: Template, failing: ReadonlySet<string>): readonly TemplateNode[] {
  void defined;
  return listOf(nodes, failing).some((node) => refuses(node, failing)) ? listOf(nodes, failing) : [];
}

const listOf = (nodes: readonly TemplateNode[], failing: ReadonlySet<string>): TemplateNode[] =>
  nodes.flatMap((node) => prunedNode(node, failing));

function prunedNode(node: TemplateNode, failing: ReadonlySet<string>): readonly TemplateNode[] {
  switch (node.kind) {
    case 'text':
      return [];
    case 'action':
      return node.pipe.names.length > 0 || pipeRefuses(node.pipe, failing) ? [node] : [];
    case 'template':
      return failing.has(node.name) ? [node] : [];
    case 'break':
    case 'continue':
      return [node];
    case 'if':
    case 'with':
    case 'range': {
      const [body, otherwise] = [listOf(node.body, failing), listOf(node.otherwise, failing)];
      const matters = [...body, ...otherwise].some((one) => refuses(one, failing) || assigns(one));
      return matters || pipeRefuses(node.pipe, failing) ? [{ ...node, body, otherwise }] : [];
    }
  }
}

/** It changes a variable of the list around it; one that it makes for itself does not matter outside. */
const assigns = (node: TemplateNode): boolean =>
  node.kind === 'action'
    ? node.pipe.names.length > 0 && !node.pipe.declares
    : 'body' in node && [...node.body, ...node.otherwise].some(assigns);

/** Whether a node, or what it includes, may end with an error. */
export function refuses(node: TemplateNode, failing: ReadonlySet<string>): boolean {
  switch (node.kind) {
    case 'action':
      return pipeRefuses(node.pipe, failing);
    case 'template':
      return failing.has(node.name);
    case 'if':
    case 'with':
    case 'range':
      return pipeRefuses(node.pipe, failing) || [...node.body, ...node.otherwise].some((one) => refuses(one, failing));
    case 'text':
    case 'break':
    case 'continue':
      return false;
  }
}

const pipeRefuses = ({ commands }: Pipe, failing: ReadonlySet<string>): boolean =>
  commands.some((command) => command.some((operand) => operandRefuses(operand, command, failing)));

function operandRefuses(operand: Operand, [first, name]: PipeCommand, failing: ReadonlySet<string>): boolean {
  if (operand.kind === 'nested') return pipeRefuses(operand.pipe, failing);
  if (operand.kind !== 'call' || operand !== first) return false;
  if (operand.name !== 'include') return operand.name === 'fail' || operand.name === 'required';
  return name?.kind === 'literal' && failing.has(String(name.value));
}

/** The names of templates that may end with an error, also by what they include. */
export function failingOf(defined: ReadonlyMap<string, readonly TemplateNode[]>): ReadonlySet<string> {
  const failing = new Set<string>();
  for (let before = -1; before !== failing.size;) {
    before = failing.size;
    for (const [name, nodes] of defined) if (nodes.some((node) => refuses(node, failing))) failing.add(name);
  }
  return failing;
}

/** The names of templates that nodes include. */
export function includedBy(nodes: readonly TemplateNode[]): string[] {
  const found = JSON.stringify(nodes).matchAll(
    /"name":"include"\},\{"kind":"literal","value":("(?:[^"\\]|\\.)*")|"kind":"template","name":("(?:[^"\\]|\\.)*")/g,
  );
  return [...found].map(([, one, other]) => String(JSON.parse(one ?? other ?? '""')));
}

/**
 * Of the text between actions what says an option of cilium-config: comments, and all that holds none, goes. The first
 * and the last line of a text may go on in an action.
 */
export const lean = (nodes: readonly TemplateNode[]): readonly TemplateNode[] => nodes.map(leanNode);

function leanNode(node: TemplateNode): TemplateNode {
  if (node.kind === 'text') return { ...node, text: leanText(node.text) };
  return 'body' in node ? { ...node, body: lean(node.body), otherwise: lean(node.otherwise) } : node;
}

function leanText(text: string): string {
  const [head = '', ...rest] = text.split('\n');
  const tail = rest.pop();
  const kept = [head, ...rest.filter((line) => /^(?: {2}[\w.-]+:|data:$|---)/.test(line))];
  if (tail !== undefined) kept.push(tail);
  return kept.map((line) => line.replace(/^(\s*#).*/, '$1')).join('\n');
}
