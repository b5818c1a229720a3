import { EngineError } from '../backend.ts';
import type { MatmulForm, MatmulKernel, MatmulVariant } from './kernels/matmul.ts';
import { directMatmul } from './kernels/matmulDirect.ts';
import { panelMatmul } from './kernels/matmulPanel.ts';
import { sharedMatmul } from './kernels/matmulShared.ts';
import { vectorMatmul } from './kernels/matmulVector.ts';

/** The kernel of a variant for products of a form. */
export function makeMatmulKernel(variant: MatmulVariant, form: MatmulForm): MatmulKernel {
  switch (variant.family) {
    case 'shared':
      return sharedMatmul(form, variant.rows, variant.columns);
    case 'direct':
    case 'quad':
      return directMatmul(form, variant.rows, variant.columns, variant.family === 'quad');
    case 'vector':
      if (form.layout !== 'NT') throw new EngineError('the vector kernel makes products of layout NT only');
      return vectorMatmul(form, variant.rows);
    case 'panel':
      return panelMatmul(form);
  }
}
