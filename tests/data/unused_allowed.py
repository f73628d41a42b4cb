"""Names that the code of the product does not use, and why each stays. Read by `tests/support/unused.py`; never imported."""
# ruff: noqa
# mypy: ignore-errors

# Fields and methods of results, for those who use the library (docs/statistics.md, analysis/__init__.py).
_.n_targets, _.icc1, _.icc1k, _.icc2k, _.icc3k  # intraclass_correlation
_.n_values  # krippendorff_alpha
_.variability  # the cutoffs of response_quality, compared by the name of the index
_.n_cells  # importance
_.model, _.uniquenesses  # mcdonald_omega
_.r_rest, _.mean_r  # cronbach_alpha
_.ratings_per_department, _.se_worst  # plan
_.from_frame, _.to_frame, _._repr_html_  # pandas and notebooks

# Called or read by name by what we inherit from or hand over to.
_.find_class  # pickle
_.buffer_text, _.StartElementHandler, _.CharacterDataHandler, _.EndElementHandler  # expat
_.CommentHandler, _.ProcessingInstructionHandler, _.StartDoctypeDeclHandler  # expat
_.lstrip_blocks, _.trim_blocks  # Jinja
_.get_command, _.format_commands  # click
_.handle_starttag, _.handle_endtag, _.handle_data  # html.parser
_._get_file_stream, _.request_class  # Werkzeug and Flask
_.isolation_level  # sqlite3
_.impl, _.cache_ok, _.process_bind_param, _.process_result_value, _.__table_args__  # SQLAlchemy
_.process_data, _.process_formdata, _.pre_validate  # WTForms
_.max_content_length, _.status_code, _.regex  # Werkzeug
_.br  # Compressed: the form is chosen by the name of the encoding
_.space_after, _.space_before, _.autofit, _.line_spacing, _.line_spacing_rule  # python-docx
_.right_indent, _.left_indent, _.first_line_indent, _.keep_together, _.widow_control  # python-docx
_.page_height, _.page_width, _.top_margin, _.bottom_margin, _.left_margin, _.right_margin  # python-docx
_.footer_distance, _.odd_and_even_pages_header_footer, _.vertical_alignment, _._blob  # python-docx
_.modified, _.last_modified_by, _.different_first_page_header_footer, _.underline, _.rgb  # python-docx
_.slide_width, _.slide_height, _.margin_top, _.margin_bottom, _.margin_left, _.margin_right  # python-pptx
_.vertical_anchor, _.word_wrap  # python-pptx

# Read by name from a template of typst, or kept in a table of the database for who reads it later.
_.root_name, _.root_use, _.root_whole, _.log_name  # the closing record
_.checks_title, _.signatures_title  # the closing record
_.frame_size  # of an archived sample
_.msg  # of a record of the log, which logging reads
