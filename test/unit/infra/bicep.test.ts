import { describe, expect, it } from 'vitest';
import { checkBicep } from '../../support/bicep/check-bicep.js';

describe('the Bicep of infra', () => {
  it('has no problem that the structural check finds', () => {
    expect(checkBicep('infra/main.bicep')).toEqual([]);
  });
});
