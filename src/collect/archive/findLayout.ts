/** What lies where in an archive that others have made. Paths as in `ArchiveFiles.names`. */
export type Layout =
  | {
      readonly kind: 'sysdump';
      /** The folder of its files, with a `/` at the end; empty: the top. */
      readonly root: string;
      /** `20240531-104413`, by the clock of the machine that collected; undefined: no file bears it. */
      readonly timestamp: string | undefined;
      readonly bugtools: readonly Bugtool[];
    }
  | {
      readonly kind: 'bugtool';
      /** The folder of the commands' outputs, with a `/` at the end; empty: the top. */
      readonly cmd: string;
    };

/** What cilium-bugtool collected in one agent. */
export type Bugtool = { readonly pod: string } & (
  | { readonly cmd: string; readonly packed?: never }
  /** The archive itself: the collector could not unpack it. */
  | { readonly packed: string; readonly cmd?: never }
);

const ts = String.raw`(\d{8}-\d{6})`;
/** cilium-cli's names (sysdump/constants.go); the short ones are those of its first year. */
const ofSysdump = new RegExp(
  `^(?:k8s-(?:nodes|pods|services|version|version-info|no)|(?:po|svc)|cilium-(?:configmap|daemonset|cm|ds))-${ts}\\.(?:ya?ml|txt)$|^cilium-sysdump\\.log$`,
);
const folderOfBugtool = new RegExp(`^(?:cilium-)?bugtool-(.+)-${ts}/cmd/[^/]+$`);
const packedBugtool = new RegExp(`^(?:cilium-)?bugtool-(.+)-${ts}\\.(?:tar\\.gz|tgz|tar)$`);
/** Every era of cilium-bugtool runs these. */
const ofBugtool = /^(?:cilium(?:-dbg)?-status---verbose|cilium(?:-dbg)?-bpf-lb-list|iptables-save--c|uname--a)\.\w+$/;

/** Finds out what the names are those of; undefined: nothing that is known. */
export function findLayout(names: readonly string[]): Layout | undefined {
  let root: string | undefined;
  let cmd: string | undefined;
  for (const name of names) {
    const [folder, file] = split(name);
    if (ofSysdump.test(file) && (root === undefined || folder.length < root.length)) root = folder;
    if (ofBugtool.test(file) && /(^|\/)(cmd\/)?$/.test(folder) && (cmd === undefined || folder.length < cmd.length))
      cmd = folder;
  }
  if (root !== undefined) return sysdumpAt(root, names);
  return cmd === undefined ? undefined : { kind: 'bugtool', cmd };
}

function sysdumpAt(root: string, names: readonly string[]): Layout {
  const bugtools = new Map<string, Bugtool>();
  let timestamp: string | undefined;
  for (const name of names) {
    if (!name.startsWith(root)) continue;
    const path = name.slice(root.length);
    timestamp ??= ofSysdump.exec(path)?.[1];
    const unpacked = folderOfBugtool.exec(path)?.[1];
    if (unpacked !== undefined) bugtools.set(unpacked, { pod: unpacked, cmd: split(name)[0] });
    const packed = packedBugtool.exec(path)?.[1];
    if (packed !== undefined && !bugtools.has(packed)) bugtools.set(packed, { pod: packed, packed: name });
  }
  return { kind: 'sysdump', root, timestamp, bugtools: [...bugtools.values()] };
}

function split(name: string): [folder: string, file: string] {
  const at = name.lastIndexOf('/') + 1;
  return [name.slice(0, at), name.slice(at)];
}
