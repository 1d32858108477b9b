import { agentCommands, type AgentCommandName, type Lane, type NodeCommand } from '../knowledge/nodeCommands.ts';
import type { AnswerName } from '../model/raw.ts';
import { shellQuote } from '../text/shell.ts';

/** One DNS server to ask from a node: the ClusterIP, and for comparison the endpoints behind it. */
export interface DnsTarget {
  readonly via: 'clusterIP' | 'endpoint';
  readonly protocol: 'UDP' | 'TCP';
  readonly server: string;
  readonly port: number;
}

export interface ScriptOptions {
  readonly answers: ReadonlySet<AnswerName>;
  readonly dnsTargets: readonly DnsTarget[];
  /** Stands before each section; nobody who prints on the node can know it. */
  readonly marker: string;
  /** Whole seconds that one command may take. */
  readonly limitSeconds: number;
}

/** The section that answers all that was typed into the agent's shell; `splitShell` takes it apart. */
export const shellSection = 'agentShell';
const lanes: readonly Lane[] = ['maps', 'host', 'probes', 'agent'];

/**
 * The bash script that asks one agent everything in one exec: `['bash', '-c', …]`.
 *
 * Lanes run side by side and are printed one after the other, the agent's own last: it may hang, and what the others
 * print must not wait for it. Each command has its own limit; after one that the agent let run into it, the rest of the
 * agent's lane is not tried, so that a hung agent costs one limit. What is only needed where another answer failed is not asked
 * where that came. Every process counts, as there are two dozen commands: of a command that says nothing on stderr, no more are started
 * than it needs. Nothing is written on the node: pipes hold all output.
 *
 * Sections: `MARKER begin NAME`, the output, a newline, `MARKER end NAME EXITCODE STDERR-IN-BASE64`; instead of the exit code
 * `skipped` behind a command that hung, `unneeded` where another answer is enough.
 */
export function agentScript({ answers, dnsTargets, marker, limitSeconds }: ScriptOptions): readonly string[] {
  const sections = commandSections(answers);
  if (answers.has('apiProbe')) sections.push({ lane: 'probes', name: 'apiProbe', script: apiProbe });
  if (answers.has('dnsProbe') && dnsTargets.length > 0)
    sections.push({ lane: 'probes', name: 'dnsProbe', script: dnsProbe(dnsTargets) });

  const used = lanes.filter((lane) => sections.some((section) => section.lane === lane));
  const functions = used.map((lane) => {
    const runs = sections
      .filter((section) => section.lane === lane)
      .map(({ name, script, unless }) => {
        const run = `run ${name} ${isSimple.test(script) ? script : `bash -c ${shellQuote(script)}`}`;
        if (unless === undefined) return run;
        const skip = unless === shellSection ? ':' : `skip ${name} unneeded`;
        return `if [ "$S_${unless}" = 0 ]; then ${skip}; else ${run}; fi`;
      });
    return `${lane}() {\n${lane === 'agent' ? 'AGENT=1\n' : ''}${runs.join('\n')}\n}`;
  });
  const open = used.map((lane, i) => `exec ${i + 5}< <(${lane})`);
  const print = used.map((_, i) => `cat <&${i + 5}`);
  return [
    'bash',
    '-c',
    [preamble(marker, limitSeconds), ...functions, ...open, ...print, `echo; echo ${marker} done`].join('\n'),
  ];
}

/** One program and its words, for which no shell has to be started; what runs it knows the variables. */
const isSimple = /^[\w $"/-]+$/;

interface Section {
  readonly lane: Lane;
  readonly name: string;
  readonly script: string;
  /** Nothing depends on an answer that is not asked. */
  readonly unless?: AnswerName | typeof shellSection;
}

function commandSections(answers: ReadonlySet<AnswerName>): Section[] {
  const asked: (readonly [string, NodeCommand])[] = Object.entries(agentCommands).filter(([name]) =>
    answers.has(name as AgentCommandName),
  );
  const sections: Section[] = [];
  for (const [name, { lane, script, shell, unless }] of asked) {
    if (shell === undefined) {
      sections.push({ lane, name, script, ...(unless !== undefined && answers.has(unless) && { unless }) });
    } else {
      if (!sections.some((section) => section.name === shellSection)) {
        const typed = asked.flatMap(([, one]) => one.shell ?? []);
        sections.push({ lane, name: shellSection, script: typeIntoShell(typed) });
      }
      // What is about the shell itself fails as the shell does.
      if (!script.startsWith('$CILIUM shell ')) sections.push({ lane, name, script, unless: shellSection });
    }
  }
  return sections;
}

/** The shell of cilium-dbg reads from any input; a terminal's end of line is a carriage return. */
const typeIntoShell = (commands: readonly string[]): string =>
  String.raw`printf '%s\r' ${commands.map((command) => `"${command}"`).join(' ')} | $CILIUM shell`;

const preamble = (marker: string, limitSeconds: number): string => `M=${marker} HUNG= AGENT=
export CILIUM=$(command -v cilium-dbg || command -v cilium)
CGROUP=$(cat /tmp/cilium/config-map/cgroup-root 2>/dev/null); export CGROUP=\${CGROUP:-/run/cilium/cgroupv2}
skip() { echo "$M begin $1"; echo; echo "$M end $1 $2"; }
run() {
if [ "$HUNG" ]; then skip $1 skipped; return; fi
echo "$M begin $1"
exec 4>&1
E=$(timeout -k 1 ${limitSeconds} "\${@:2}" </dev/null 2>&1 >&4 4>&-); R=$?; printf -v S_$1 %s $R
echo; echo "$M end $1 $R \${E:+$(printf %s "\${E:0:999}" | base64 -w0)}"
case $R in 124|137) HUNG=$AGENT;; esac
}`;

/** Whether the API server that the agent was told answers; see parseApiProbe for the format. */
const apiProbe = `h=$KUBERNETES_SERVICE_HOST p=$KUBERNETES_SERVICE_PORT
r=; while read -r a _; do case ,$r, in *,$a,*);; *) r+=\${r:+,}$a;; esac; done < <(getent ahosts "$h")
e=$(timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$h" "$p" 2>&1); c=$?
case "$c $e" in 0*) s=open;; 124*) s=timeout;; *refused*) s=refused;; *"not known"*|*"emporary failure"*|*"No address"*) s=unresolved;; *) s=failed;; esac
e=\${e##*: }; echo "host=$h port=$p resolved=\${r:--} connect=$s detail=\${e//$'\\n'/ }"`;

/**
 * A query for kubernetes.default.svc.cluster.local, id 0x4b50; in another cluster domain NXDOMAIN is an answer, too.
 * It is sent twice at most: one lost datagram is no fault. It goes through dd because bash's printf ends a datagram at each newline, and 0x0a is the length of `kubernetes`.
 */
const dnsProbe = (
  targets: readonly DnsTarget[],
): string => `Q='KP\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\12kubernetes\\7default\\3svc\\7cluster\\5local\\0\\0\\1\\0\\1'
ask() { # VIA PROTOCOL SERVER PORT
if [ $2 = TCP ]; then L='\\0\\66' S=2; else L= S=0; fi
for i in 1 2; do o=$(timeout 2 bash -c 'exec 3<>"/dev/$0/$1/$2" || exit 1; printf "$3" | dd bs=512 iflag=fullblock status=none >&3 || exit 1
od -An -tx1 -v -j $4 -N 16 <&3' \${2,,} $3 $4 "$L$Q" $S 2>&1); c=$?
case "$c $o" in "0 "?*) s=answered; break;; 124*) s=timeout;; *refused*) s=refused;; *) s=badAnswer;; esac; done
[ $s = answered ] || o=\${o##*: }; echo "$1 $2 $3 $4 $s \${o//$'\\n'/ }"
}
${targets.map(({ via, protocol, server, port }) => `ask ${via} ${protocol} ${server} ${port} &`).join('\n')}
wait`;

/** A word that bash takes as it stands. */
