/** The tables of the user's object, each beside its statements in tables/, and how old ones become these. */
import type { Hold } from '../../domain/ledger.ts';
import type { Schema } from '../migration.ts';
import { ACCOUNT } from './tables/account.ts';
import { GRANTED } from './tables/granted.ts';
import { OUTBOX } from './tables/outbox.ts';
import { RECEIPT } from './tables/receipt.ts';
import { RULE } from './tables/rule.ts';

/** A job that has ended may have given its slot back before it settles. */
function addSlotFree(sql: SqlStorage): void {
  for (const { live } of sql.exec<{ live: string }>('SELECT live FROM account').toArray()) {
    const holds = (JSON.parse(live) as Omit<Hold, 'slotFree'>[]).map((hold) => ({ ...hold, slotFree: false }));
    sql.exec('UPDATE account SET live = ?', JSON.stringify(holds));
  }
}

export const USER_SCHEMA: Schema = {
  tables: [ACCOUNT, RECEIPT, GRANTED, OUTBOX, RULE].join(''),
  steps: [
    {
      id: '2 the version of the tables; slots that are free before the job settles',
      up: (sql) => {
        sql.exec('ALTER TABLE account ADD COLUMN schema INTEGER NOT NULL DEFAULT 1');
        addSlotFree(sql);
      },
    },
  ],
};
