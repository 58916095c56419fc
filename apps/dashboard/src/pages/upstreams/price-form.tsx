import type { AdminModel } from '@reelgate/contract/admin';
import { useForm } from 'react-hook-form';
import { admin, useChange } from '../../api/admin.ts';
import { SelectField, TextField } from '../../ui/field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { parseMoney } from '../../ui/format.ts';
import { isMoney, isMoneyOrEmpty, MoneyField } from '../../ui/money-field.tsx';

/** A model at a size that has no price. */
export interface Unpriced {
  readonly model: string;
  readonly size: string;
}

interface Form {
  readonly model: string;
  readonly size: string;
  readonly second: string;
  readonly image: string;
  readonly minimum: string;
  readonly from: string;
}

/** A price from now or from a moment to come. */
export function PriceForm({
  initial,
  models,
  onClose,
}: {
  initial: Partial<Unpriced>;
  models: readonly AdminModel[];
  onClose: () => void;
}) {
  const form = useForm<Form>({
    defaultValues: {
      model: initial.model ?? '',
      size: initial.size ?? '',
      second: '',
      image: '',
      minimum: '',
      from: '',
    },
  });
  const create = useChange(
    (form: Form) =>
      admin.post('/prices', {
        body: {
          model: form.model,
          size: form.size,
          per_second_micro_usd: parseMoney(form.second) ?? '0',
          ...(form.image.trim() && { per_image_micro_usd: parseMoney(form.image) ?? '0' }),
          ...(form.minimum.trim() && { minimum_micro_usd: parseMoney(form.minimum) ?? '0' }),
          ...(form.from && { valid_from: new Date(form.from).toISOString() }),
        },
      }),
    { quiet: true, done: ({ model, size }) => `${model} at ${size} has its price.`, onDone: onClose },
  );
  const {
    register,
    watch,
    formState: { errors },
  } = form;
  const sizes = models.find(({ id }) => id === watch('model'))?.sizes ?? [];
  return (
    <FormDialog
      form={form}
      title="New price"
      description="Videos that were accepted before keep theirs."
      action="Set the price"
      onSubmit={create.mutateAsync}
      onClose={onClose}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label="Model"
          {...register('model', { required: 'Whose price it is' })}
          error={errors.model?.message}
        >
          <option value="">Choose…</option>
          {models.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Size"
          {...register('size', { required: 'At which size' })}
          error={errors.size?.message}
        >
          <option value="">Choose…</option>
          {sizes.map((size) => (
            <option key={size} value={size}>
              {size}
            </option>
          ))}
        </SelectField>
        <MoneyField
          label="A second"
          placeholder="0.10"
          {...register('second', { validate: isMoney })}
          error={errors.second?.message}
        />
        <MoneyField
          label="For each picture besides"
          placeholder="0"
          {...register('image', { validate: isMoneyOrEmpty })}
          error={errors.image?.message}
        />
        <MoneyField
          label="A video costs at least"
          placeholder="0"
          {...register('minimum', { validate: isMoneyOrEmpty })}
          error={errors.minimum?.message}
        />
        <TextField label="From" type="datetime-local" hint="Empty: from now on" {...register('from')} />
      </div>
    </FormDialog>
  );
}
