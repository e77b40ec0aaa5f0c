"""One file per input format. ``open_inputs`` finds the format of each input and yields batches of records.

A source reads bytes and yields :class:`watchkeeper.model.records.Batch`; what it cannot read goes to the
batch's quarantine with the reason. It knows nothing of ships' histories, settings of behaviours or output.
"""
