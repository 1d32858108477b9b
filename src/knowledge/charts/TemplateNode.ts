/** A template of Go’s text/template, as far as charts use it. */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipe: Pipe;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    }
  | { readonly kind: 'template'; readonly name: string; readonly pipe?: Pipe | undefined }
  | { readonly kind: 'break' | 'continue' };

/** `$a, $b := first | second` */
export interface Pipe {
  /** Variables that take the value, with their `$`. */
  readonly names: readonly string[];
  /** `:=` makes them, `=` changes them. */
  readonly declares: boolean;
  readonly commands: readonly PipeCommand[];
}

/** A function or a value, and what it is called with. */
export type PipeCommand = readonly [Operand, ...Operand[]];

export type Operand =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  /** `.a.b`; no fields: the dot itself. */
  | { readonly kind: 'dot'; readonly fields: readonly string[] }
  /** `$name.a.b`, `$.a` */
  | { readonly kind: 'variable'; readonly name: string; readonly fields: readonly string[] }
  | { readonly kind: 'call'; readonly name: string }
  /** `(pipe).a.b` */
  | { readonly kind: 'nested'; readonly pipe: Pipe; readonly fields: readonly string[] };
