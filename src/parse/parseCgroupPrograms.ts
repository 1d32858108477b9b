import type { CgroupProgram } from '../model/NodeFacts.ts';
import { isRecord } from '../text/isRecord.ts';
import { listIn, readJson, textIn } from './json.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/**
 * Programs on a cgroup: `bpftool -j cgroup show ROOT`, its text, or of `bpftool cgroup tree` the part of the root.
 * `root` is the path of the tree's root where it is known: the tree leaves out cgroups without programs, so the first
 * path is not it.
 */
export function parseCgroupPrograms(text: string, root?: string): Parsed<readonly CgroupProgram[]> {
  return /^\s*[[{]/.test(text) ? fromJson(text) : fromText(text, root);
}

function fromJson(text: string): Parsed<readonly CgroupProgram[]> {
  const json = readJson(text);
  if (!json.ok) return json;
  if (isRecord(json.value) && 'error' in json.value)
    return unparsed(`bpftool: ${excerptOf(textIn(json.value['error']))}`);
  if (!Array.isArray(json.value)) return unparsed('no array of programs');
  const trees = json.value.filter((entry) => isRecord(entry) && 'cgroup' in entry);
  const entries = trees.length === 0 ? json.value : listIn(isRecord(trees[0]) ? trees[0]['programs'] : undefined);
  const programs = entries.map((entry) => (isRecord(entry) ? entry : {}));
  if (programs.some((program) => typeof program['attach_type'] !== 'string'))
    return unparsed('a program without attach_type');
  return parsed(programs.map(({ name, attach_type: type }) => ({ name: textIn(name), attachType: textIn(type) })));
}

/** Where Cilium and distributions mount cgroup v2. */
const usualRoots = ['/run/cilium/cgroupv2', '/var/run/cilium/cgroupv2', '/sys/fs/cgroup/unified', '/sys/fs/cgroup'];

function fromText(text: string, root: string | undefined): Parsed<readonly CgroupProgram[]> {
  const programs: CgroupProgram[] = [];
  let headed = false;
  let wanted = root?.replace(/(?<=.)\/$/, '');
  let inRoot = true;
  for (const line of linesOf(text)) {
    if (line.trim() === '' || line.trim() === 'CgroupPath') continue;
    if (/^ID\s+AttachType\b/.test(line)) {
      headed = true;
    } else if (line.startsWith('/')) {
      const path = line.trim();
      wanted ??= usualRoots.find((usual) => path === usual || path.startsWith(`${usual}/`)) ?? path;
      inRoot = path === wanted;
    } else {
      const program = programOf(line);
      if (program === undefined) return unparsed(`a line of the program list: ${excerptOf(line)}`);
      if (inRoot) programs.push(program);
    }
  }
  // Where nothing is attached, `bpftool -j` prints the end of a line (tools/bpf/bpftool: jsonw_destroy), and no more;
  // where not even that is there, nothing came of it.
  if (text === '') return unparsed('nothing was printed');
  return headed || text.trim() === '' ? parsed(programs) : unparsed(`no list of programs: ${excerptOf(text)}`);
}

/** `3796  cgroup_inet4_connect multi  cil_sock4_connect`; flags and name may be empty. */
function programOf(line: string): CgroupProgram | undefined {
  const [id = '', attachType = '', ...rest] = line.trim().split(/\s+/);
  if (!/^\d+$/.test(id) || attachType === '') return undefined;
  const [first = '', second] = rest;
  const name = second ?? (/^(?:multi|override|unknown\(.*)$/.test(first) ? '' : first);
  return { name, attachType };
}
