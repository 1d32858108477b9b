/**
 * What cilium-bugtool collects in another form than this program asks for, brought into that form, so that one parser
 * serves both. All functions take any text and never throw; undefined: the text does not have it.
 */

type Fields = Readonly<Record<string, unknown>>;

/** The status in the JSON that `cilium-dbg debuginfo` writes. */
export function asStatusJson(text: string): string | undefined {
  const status = fieldsOf(parseJson(text))?.['cilium-status'];
  return fieldsOf(status) === undefined ? undefined : JSON.stringify(status);
}

/** A table of `cilium-dbg statedb dump`, printed as `db/show frontends` prints it (columns that nobody reads are empty). */
export const asFrontendsTable = (text: string): string | undefined =>
  table(
    text,
    'frontends',
    ['Address', 'Type', 'ServiceName', 'PortName', 'Backends', 'RedirectTo', 'Status', 'Since', 'Error'],
    (row) => {
      const status = fieldsOf(row['Status']);
      const kind = textOf(status?.['kind']);
      if (kind === '' || textOf(row['Address']) === '') return undefined;
      return [
        textOf(row['Address']),
        textOf(row['Type']),
        textOf(row['ServiceName']),
        textOf(row['PortName']),
        '',
        '',
        kind,
        '',
        textOf(status?.['error']),
      ];
    },
  );

/** The same for `db/show health`. */
export const asHealthTable = (text: string): string | undefined =>
  table(text, 'health', ['Module', 'Component', 'Level', 'Message', 'Error', 'LastOK', 'UpdatedAt', 'Count'], (row) => {
    const id = fieldsOf(row['ID']);
    const module = pathOf(id?.['Module']);
    if (module === undefined || textOf(row['Level']) === '') return undefined;
    return [
      module,
      pathOf(id?.['Component']) ?? '',
      textOf(row['Level']),
      textOf(row['Message']),
      textOf(row['Error']),
      textOf(row['LastOK']),
      textOf(row['Updated']),
      textOf(row['Count']),
    ];
  });

/** The same for `db/show node-addresses`. */
export const asNodeAddressesTable = (text: string): string | undefined =>
  table(text, 'node-addresses', ['Address', 'NodePort', 'Primary', 'DeviceName'], (row) =>
    textOf(row['Addr']) === ''
      ? undefined
      : [textOf(row['Addr']), textOf(row['NodePort']), textOf(row['Primary']), textOf(row['DeviceName'])],
  );

/** The maps of load balancing out of `bpftool map show`, a JSON object a line. The kernel cuts names to 15 characters. */
export function asMapsJson(text: string): string | undefined {
  const maps = new Map<string, string>();
  const pattern =
    /^(\d+): (\S+)\s+name (cilium_lb[46]_(?:serv|back|reve|affi|sour)\S*)[^\n]*\n\s+key (\d+)B\s+value (\d+)B\s+max_entries (\d+)/gm;
  for (const [, id, type = '', name = '', key, value, entries] of text.matchAll(pattern)) {
    // Of the two maps whose names are cut to the same, reverse NAT is the plain hash; socket reverse NAT is an LRU.
    if (name.endsWith('_reve') && type !== 'hash') continue;
    maps.set(
      name,
      JSON.stringify({
        id: Number(id),
        type,
        name,
        bytes_key: Number(key),
        bytes_value: Number(value),
        max_entries: Number(entries),
      }),
    );
  }
  return maps.size === 0 ? undefined : `${[...maps.values()].join('\n')}\n`;
}

/** The programs at the root of `bpftool cgroup tree ROOT`; those of the cgroups below it are others'. */
export function asCgroupJson(text: string, root: string): string | undefined {
  if (!/^CgroupPath/m.test(text)) return undefined;
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.trimEnd() === root);
  const programs: object[] = [];
  // A cgroup without programs is not printed.
  for (const line of at === -1 ? [] : lines.slice(at + 1)) {
    const [, id, type, flags, name] =
      /^\s+(\d+)\s+(\S+)\s+(?:(multi|override|multi,override)\s+)?(\S+)\s*/.exec(line) ?? [];
    if (id === undefined) break;
    programs.push({ id: Number(id), attach_type: type, attach_flags: flags ?? '', name });
  }
  return JSON.stringify(programs);
}

/** `ip a` as `ip -j address` says it: names, flags, addresses. */
export function asAddressesJson(text: string): string | undefined {
  const interfaces: { ifindex: number; ifname: string; flags: string[]; addr_info: object[] }[] = [];
  for (const line of text.split('\n')) {
    const head = /^(\d+): ([^:@\s]+)(?:@\S+)?: <([^>]*)>/.exec(line);
    if (head !== null) {
      interfaces.push({
        ifindex: Number(head[1]),
        ifname: head[2] ?? '',
        flags: (head[3] ?? '').split(','),
        addr_info: [],
      });
      continue;
    }
    const address = /^\s+(inet6?) ([0-9a-fA-F:.]+)(?: peer [0-9a-fA-F:.]+)?(?:\/(\d+))?.*? scope (\S+)/.exec(line);
    interfaces.at(-1)?.addr_info.push(
      ...(address === null
        ? []
        : [
            {
              family: address[1],
              local: address[2],
              ...(address[3] !== undefined && { prefixlen: Number(address[3]) }),
              scope: address[4],
            },
          ]),
    );
  }
  return interfaces.length === 0 ? undefined : JSON.stringify(interfaces);
}

/** The names in `ipset list`; no set at all is an empty output. */
export const asSetNames = (text: string): string =>
  [...text.matchAll(/^Name: (\S+)\s*$/gm)].map(([, name]) => `${name}\n`).join('');

/** The listening sockets of an `ss` that was asked for all of them, as `ss -Hltn` prints them. */
export function asListeners(text: string): string | undefined {
  if (!/^(Netid\s+)?State\s/m.test(text)) return undefined;
  const lines = text.split('\n').filter((line) => /^(tcp\s+)?LISTEN\s/.test(line));
  return lines.map((line) => `${line.replace(/^tcp\s+/, '').trimEnd()}\n`).join('');
}

/** `uname -a` → `uname -r`. */
export const asKernelRelease = (text: string): string | undefined => /^Linux \S+ (\d\S*) /m.exec(text)?.[1];

function table(
  text: string,
  name: string,
  header: readonly string[],
  cellsOf: (row: Fields) => readonly string[] | undefined,
): string | undefined {
  const rows = fieldsOf(parseJson(text))?.[name];
  if (!Array.isArray(rows)) return undefined;
  const cells = rows.map((row: unknown) => cellsOf(fieldsOf(row) ?? {}));
  const known = cells.filter((row) => row !== undefined);
  // Rows of a shape that is not known: an incomplete table would say that the others are not there.
  if (known.length < rows.length) return undefined;
  const lines = [header, ...known];
  const widths = header.map((_, column) =>
    lines.reduce((width, line) => Math.max(width, line[column]?.length ?? 0), 0),
  );
  return lines.map((line) => `${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')}\n`).join('');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

/** In a table's cell: one line. */
const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value.replaceAll(/\s+/g, ' ').trim()
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';

const pathOf = (value: unknown): string | undefined =>
  Array.isArray(value) && value.every((part) => typeof part === 'string') ? value.join('.') : undefined;
