/** How a procedure may be called, besides what it is given. */
export interface ProcedureKind {
  readonly type: 'query' | 'mutation';
  /** Needs no user. */
  readonly open?: true;
  /** Calling it twice does no more than calling it once, so a lost answer is asked for again. */
  readonly safe?: true;
  /** Given an idempotency key for each logical call: it is what makes the call safe to repeat. */
  readonly keyed?: true;
  /** Takes no input. */
  readonly bare?: true;
  /** Answers with a page of a list: the field with its entries, or null where each page is one. */
  readonly pages?: string | null;
}
