import withTheme, { type ThemeProps } from '@rjsf/core/lib/withTheme.js'
import ArrayFieldItemTemplate from '@rjsf/mantine/lib/templates/ArrayFieldItemTemplate.js'
import ArrayFieldTemplate from '@rjsf/mantine/lib/templates/ArrayFieldTemplate.js'
import ArrayFieldTitleTemplate from '@rjsf/mantine/lib/templates/ArrayFieldTitleTemplate.js'
import buttonTemplates from '@rjsf/mantine/lib/templates/ButtonTemplates/index.js'
import FieldErrorTemplate from '@rjsf/mantine/lib/templates/FieldErrorTemplate.js'
import FieldTemplate from '@rjsf/mantine/lib/templates/FieldTemplate.js'
import MultiSchemaFieldTemplate from '@rjsf/mantine/lib/templates/MultiSchemaFieldTemplate.js'
import ObjectFieldTemplate from '@rjsf/mantine/lib/templates/ObjectFieldTemplate.js'
import OptionalDataControlsTemplate from '@rjsf/mantine/lib/templates/OptionalDataControlsTemplate.js'
import TitleField from '@rjsf/mantine/lib/templates/TitleField.js'
import WrapIfAdditionalTemplate from '@rjsf/mantine/lib/templates/WrapIfAdditionalTemplate.js'
import CheckboxesWidget from '@rjsf/mantine/lib/widgets/CheckboxesWidget.js'
import CheckboxWidget from '@rjsf/mantine/lib/widgets/CheckboxWidget.js'
import RadioWidget from '@rjsf/mantine/lib/widgets/RadioWidget.js'
import RangeWidget from '@rjsf/mantine/lib/widgets/RangeWidget.js'
import SelectWidget from '@rjsf/mantine/lib/widgets/SelectWidget.js'
import TextareaWidget from '@rjsf/mantine/lib/widgets/TextareaWidget.js'
import { DescriptionTemplate, HelpTemplate, InputTemplate, PasswordWidget } from './form-input.tsx'

/** Mantine's theme without its calendars, which are larger than the rest. Dates use the browser's fields. */
const theme: ThemeProps = {
  templates: {
    ArrayFieldItemTemplate,
    ArrayFieldTemplate,
    ArrayFieldTitleTemplate,
    FieldErrorTemplate,
    FieldTemplate,
    MultiSchemaFieldTemplate,
    ObjectFieldTemplate,
    OptionalDataControlsTemplate,
    WrapIfAdditionalTemplate,
    BaseInputTemplate: InputTemplate,
    ButtonTemplates: buttonTemplates(),
    DescriptionFieldTemplate: DescriptionTemplate,
    FieldHelpTemplate: HelpTemplate,
    TitleFieldTemplate: TitleField,
  },
  widgets: {
    CheckboxWidget,
    CheckboxesWidget,
    PasswordWidget,
    RadioWidget,
    RangeWidget,
    SelectWidget,
    TextareaWidget,
  },
}

/** A form of @rjsf with Mantine components. */
export const ThemedForm = withTheme(theme)
