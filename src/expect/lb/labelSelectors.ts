import type { LabelSelector, LabelSelectorRequirement } from '../../model/kubernetes.ts';

type Labels = Readonly<Record<string, string>>;

/** A selector of the API: matchLabels and matchExpressions; an empty one matches everything. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (!selector) return false;
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every((requirement) => matchesRequirement(requirement, labels))
  );
}

function matchesRequirement({ key, operator, values: given }: LabelSelectorRequirement, labels: Labels): boolean {
  const values = given ?? [];
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/**
 * A selector as text, as in `kubectl -l`: `a=b, c!=d, e in (f,g), h notin (i), j, !k, l>1`. An empty one matches
 * everything. undefined: not of that form.
 */
export function parseSelector(text: string): LabelSelector | undefined {
  const requirements: LabelSelectorRequirement[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const found = requirementPattern.exec(rest);
    if (found?.groups === undefined) return undefined;
    const requirement = requirementOf(found.groups);
    if (requirement === undefined) return undefined;
    requirements.push(requirement);
    rest = rest.slice(found[0].length).trim();
    if (rest === '') break;
    if (!rest.startsWith(',')) return undefined;
    rest = rest.slice(1).trim();
    if (rest === '') return undefined;
  }
  return { matchExpressions: requirements };
}

const requirementPattern =
  /^(?<not>!\s*)?(?<key>[\w./-]+)\s*(?:(?<setOperator>\bin|\bnotin)\s*\((?<set>[^)]*)\)|(?<operator>==|=|!=|>|<)\s*(?<value>[\w.-]*))?/;

function requirementOf(groups: Readonly<Record<string, string | undefined>>): LabelSelectorRequirement | undefined {
  const { not, key = '', setOperator, set = '', operator, value = '' } = groups;
  if (not !== undefined)
    return setOperator === undefined && operator === undefined ? { key, operator: 'DoesNotExist' } : undefined;
  if (setOperator !== undefined) {
    const values = set.split(',').map((part) => part.trim());
    return { key, operator: setOperator === 'in' ? 'In' : 'NotIn', values };
  }
  switch (operator) {
    case undefined:
      return { key, operator: 'Exists' };
    case '=':
    case '==':
      return { key, operator: 'In', values: [value] };
    case '!=':
      return { key, operator: 'NotIn', values: [value] };
    case '>':
      return { key, operator: 'Gt', values: [value] };
    case '<':
      return { key, operator: 'Lt', values: [value] };
    default:
      return undefined;
  }
}
