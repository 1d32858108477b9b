const redacted = '<redacted>';

/**
 * What gives credentials away, in one place: for arguments, ConfigMaps, annotations, messages and log lines. Each
 * expression begins only where a word begins, or takes all that it looked at: a megabyte of any word takes as long as a
 * megabyte of any other.
 */

/** Last words of names whose value is a credential. */
const secretWords: ReadonlySet<string> = new Set(
  (
    'password passwd passphrase pass pwd token tokens secret secrets bearer psk credential credentials creds auth ' +
    'authorization apikey accesskey secretkey privatekey authtoken jwt cookie license licence licensekey joinkey ' +
    'connectionstring userpassword'
  ).split(' '),
);
/** Words before `key` that make a credential of it; `taint-key`, `label-key` and `public-key` are none. */
const secretKeys: ReadonlySet<string> = new Set(
  (
    'api access secret private ipsec encryption join account certificate storage shared signing preshared master ' +
    'session ssh client server tls wireguard license auth host service admin app'
  ).split(' '),
);

/** `authToken`, `AWS_SECRET_ACCESS_KEY`, `--etcd-key-pass`, `vault.example.com/x-token`: the words of a name. */
const wordsOf = (name: string): readonly string[] =>
  name
    .slice(-200)
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');

/** Whether the value of a flag, a key, a variable or a field of this name is a credential as a whole. */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  const [last = '', before = '', third = ''] = words.toReversed();
  if (secretWords.has(last)) return true;
  if (last === 'key') return secretKeys.has(before) || (before === 'hash' && third === 'auth');
  if (last === 'data' || last === 'pem') return before === 'key';
  return before === 'secret' && (last === 'value' || last === 'id') && third !== '';
}

/** Keys of a ConfigMap whose value is a credential as a whole. Names of Secrets and switches end differently. */
export const isSecretKey = (key: string): boolean => isSecretName(key) || key.startsWith('jws-kubeconfig-');

/** A path, a reference to a variable, a switch: not a credential whatever stands before it. */
const isHarmless = (value: string): boolean =>
  /^(?:[/$<{[\\|>*]|(?:true|false|none|null|yes|no|disabled|enabled|optional|required)$)/i.test(value);

/** `token: abc`, `--password=abc`, `"K3S_TOKEN":"abc"`, `Password=abc;` */
const named = /(?<![\w.-])([\w.-]{1,200})\\{0,3}["']?[ \t]{0,8}[=:][ \t]{0,8}/g;
/** `"--token","abc"`: arguments as JSON writes them, e.g. in the annotation k3s.io/node-args. */
const listed = /(["'])--?([\w.-]{1,200})\1\s{0,8},\s{0,8}(?=["'])/g;
/** `--token abc` in a command line. */
const flagged = /(?<![\w.-])--?([A-Za-z][\w.-]{0,200})[ \t]{1,8}(?!-)/g;
/** What stands behind them: quoted, or up to what ends a word. */
const value = /(\\{0,3}["'])?((?<=")[^"\\\n]+|(?<=')[^'\\\n]+|(?<!["'])[^\s"',&;\\}]+)/y;

/** `curl -u user:password` */
const user = /(?<![\w-])((?:-u|-U|--user|--proxy-user)[ \t=]{0,8}["']?[^\s:"']{0,200}:)([^\s"']+)/g;
/** `- name: token-auth` and `value: abc` beside it, as kubeadm lists arguments. */
const nameAndValue =
  /(\bname["']?[ \t]{0,8}:[ \t]{0,8}["']?([\w.-]{1,200})["']?[ \t]{0,8},?\s{1,40}["']?value["']?[ \t]{0,8}:[ \t]{0,8}["']?)([^\s"',}]+)/g;
const header =
  /(?<![\w])((?:proxy-)?authorization\\{0,3}["']?[ \t]{0,8}[:=][ \t]{0,8}\\{0,3}["']?(?:[A-Za-z][\w-]{0,30}[ \t]{1,8})?)([^\s"'\\]+)/gi;
const scheme = /(?<![\w-])((?:bearer|basic)[ \t]{1,8})([\w.~+/=-]{8,})/gi;
/** Credentials by their form: JSON web tokens, bootstrap tokens, keys of clouds and code hosts, k3s' own tokens. */
const formed =
  /(?<![\w.-])(?:eyJ[\w.-]{16,}|[a-z0-9]{6}\.[a-z0-9]{16}(?![\w.-])|(?:AKIA|ASIA)[0-9A-Z]{16}(?!\w)|(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|hvs\.|sk_live_|s3cr3t-)[\w.-]{8,}|K10[0-9a-f]{32,}[\w:.-]*)/g;
/** In base64, what begins with `-----BEGIN ` and goes on otherwise than `CERT`. */
const encodedPem = /LS0tLS1CRUdJTi(?!BDRVJU)[A-Za-z0-9+/=]{8,}/g;
const word = /[^\s"'`<>]+/g;

type Mask = (secret: string) => string;

/** The same text without what it gives away as a credential. Applied twice it changes nothing more. */
export const redactText = (text: string): string => maskText(text, () => redacted);

/** As `redactText`, for texts where places matter: as long afterwards as before. */
export const blankText = (text: string): string => maskText(text, blank);

const blank: Mask = (secret) => secret.replace(/[^\n]/g, '*');

function maskText(text: string, mask: Mask): string {
  // Most texts are one word without a mark that any credential needs.
  if (!/[=:@.\s_-]|eyJ|LS0t|AKIA|ASIA|K10/.test(text)) return text;
  const inPlace = maskPem(text, mask)
    .replace(encodedPem, mask)
    .replace(word, (found) => (found.includes('@') ? withoutUser(found, mask) : found))
    .replace(header, (_, start: string, secret: string) => start + unlessHarmless(secret, mask))
    .replace(scheme, (_, start: string, secret: string) => start + (/\d|.{20}/.test(secret) ? mask(secret) : secret))
    .replace(user, (_, start: string, secret: string) => start + unlessHarmless(secret, mask))
    .replace(
      nameAndValue,
      (_, start: string, name: string, secret: string) =>
        start + (isSecretName(name) ? unlessHarmless(secret, mask) : secret),
    );
  return [listed, named, flagged]
    .reduce((masked, begins) => maskBehind(masked, begins, mask), inPlace)
    .replace(formed, mask);
}

const unlessHarmless = (secret: string, mask: Mask): string => (isHarmless(secret) ? secret : mask(secret));

/** Values behind names that `begins` finds; behind another name, the value may begin with a name itself. */
function maskBehind(text: string, begins: RegExp, mask: Mask): string {
  const done: string[] = [];
  let at = 0;
  for (const match of text.matchAll(begins)) {
    const from = match.index + match[0].length;
    if (match.index < at || !isSecretName(match.at(-1) ?? '')) continue;
    value.lastIndex = from;
    const [whole = '', open = '', secret = ''] = value.exec(text) ?? [];
    if (secret === '') continue;
    done.push(text.slice(at, from), open, unlessHarmless(secret, mask));
    at = from + whole.length;
  }
  return done.join('') + text.slice(at);
}

const begin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----/g;
const end = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----/g;

/** Private keys by their PEM form; one without an end goes on to the end of the text. */
function maskPem(text: string, mask: Mask): string {
  if (!text.includes('PRIVATE KEY')) return text;
  let done = '';
  let at = 0;
  for (;;) {
    begin.lastIndex = at;
    const first = begin.exec(text);
    if (first === null) return done + text.slice(at);
    end.lastIndex = begin.lastIndex;
    const last = end.exec(text);
    const until = last === null ? text.length : end.lastIndex;
    done += text.slice(at, first.index) + mask(text.slice(first.index, until));
    at = until;
  }
}

/** `scheme://user:password@`, `user:password@tcp(…)`; digests of images stand behind an at sign, too. */
function withoutUser(found: string, mask: Mask): string {
  const at = found.lastIndexOf('@');
  const slashes = found.lastIndexOf('://', at);
  const from = slashes === -1 ? found.lastIndexOf('=', found.indexOf(':')) + 1 : slashes + 3;
  const who = found.slice(from, at);
  const [start, rest] = [found.slice(0, from), found.slice(at)];
  // A path may hold an at sign, and the name of an image with a port and a digest does.
  if (slashes !== -1)
    return /^[^/:]*(?::\d{1,5})?\//.test(who) ? found : start + (mask === blank ? mask(who) + rest : rest.slice(1));
  const isUser = who.includes(':') && !rest.startsWith('@sha256:') && !who.startsWith('//');
  return isUser ? `${start}${mask(who)}${rest}` : found;
}

/** Words that only machines make: tokens, keys, hashes. */
const opaque = /[\w+=-]{20,}(?:\.[\w+=-]{10,}){0,4}/g;

/**
 * What another program said, for a message: without what its text gives away as a credential, without values that are
 * known to be one, and without long words that hold a digit, as tokens do.
 */
export const maskSecrets = (text: string, secrets: readonly string[] = []): string =>
  maskKnown(redactText(text), secrets).replace(opaque, (word) => (/\d/.test(word) ? redacted : word));

/** Without values that are known to be credentials. To be applied before a text is cut: half of one is one, too. */
export const maskKnown = (text: string, secrets: readonly string[]): string =>
  secrets.filter((secret) => secret.length >= 4).reduce((masked, secret) => masked.replaceAll(secret, redacted), text);

/** Without words, as credentials may be, that stand in another text as well. */
export const maskWordsOf = (text: string, other: string): string =>
  text.replaceAll(/[\w.+/=~-]{8,}/g, (word) => (other.includes(word) ? redacted : word));

/** Of the arguments of a program those that may be credentials: behind a flag of such a name, or made by a machine. */
export const secretArguments = (args: readonly string[]): readonly string[] =>
  args.filter((arg, i) => {
    const [, name = ''] = flag.exec(args[i - 1] ?? '') ?? [];
    return isSecretName(name) || (/[a-z]/.test(arg) && /[A-Z]/.test(arg) && /\d/.test(arg) && !/[\s/]/.test(arg));
  });

/** Values that say what a program does and never who may: switches, numbers, durations, paths, addresses, variables. */
const plainValue =
  /^(?:true|false|none|auto|\d{1,9}(?:\.\d{1,9})?(?:ms|[smhd%]|[KMG]i?B?)?|\/[\w./-]*|\$\([A-Za-z_]\w*\)|:?\d{1,5}|(?=\[?[0-9a-fA-F]{0,4}[.:])\[?[0-9a-fA-F:.]{2,45}\]?(?:[:/]\d{1,5})?)$/;
/** What checks read of arguments, and what says which program it is. */
const readFlags: ReadonlySet<string> = new Set([
  'config-dir',
  'config',
  'conf',
  'localip',
  'proxy-mode',
  'cluster-cidr',
  'hostname-override',
  'k8s-api-server',
  'k8s-api-server-urls',
  'k8s-kubeconfig-path',
  'kubeconfig',
]);
const flag = /^--?([A-Za-z][\w.-]{0,100})$/;
const setFlag = /^(--?([A-Za-z][\w.-]{0,100})=)(.*)$/s;
const program = /^(?:[\w./-]{0,100}\/)?[A-Za-z][\w.-]{0,60}$/;
/** What programs are told to do by a bare word. */
const verbs: ReadonlySet<string> = new Set(['build-config', 'server', 'agent', 'proxy', 'start', 'run', 'kube-proxy']);

/**
 * Command lines of containers: which program it is, the names of its flags, and of values only those that checks read
 * or that can hold no credential. A script is left out but for whether it starts kube-proxy.
 *
 * @param isCommand whether the first word is that of a program
 */
export const keepWords = (words: readonly string[], isCommand: boolean): string[] =>
  words.map((word, i) => (i === 0 && isCommand && program.test(word) ? word : keptWord(word, words[i - 1])));

function keptWord(word: string, before: string | undefined): string {
  if (flag.test(word) || verbs.has(word)) return word;
  const [, start, name = '', value = ''] = setFlag.exec(word) ?? [];
  if (start !== undefined) return start + (isKept(name, value) ? redactText(value) : redacted);
  if (/\s/.test(word)) return /(?:^|[\s/])kube-proxy\s+--/.test(word) ? `kube-proxy --${redacted}` : redacted;
  const [, flagBefore = ''] = flag.exec(before ?? '') ?? [];
  return isKept(flagBefore, word) ? redactText(word) : redacted;
}

const isKept = (name: string, value: string): boolean => value === '' || readFlags.has(name) || plainValue.test(value);
