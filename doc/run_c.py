"""Where the structs, functions and paragraphs of run.c begin and end, at llama2.c's commit 350e04f.

A paragraph begins behind a blank line or a closing brace, at an else, at a comment that has a line
of its own, or where what is done changes (lines 80, 115, 135, 137, 139 and 400).
"""

SHA256 = "9c4f2d5c6ae01b71726d1cc37530d71e60bff0ec7cc012565f16a43c1ca658bd"

# a struct and its lines, or a function, the lines of its head, and the paragraphs of its body
TABLE = """
Config 19-27
TransformerWeights 29-48
RunState 50-65
Transformer 67-75
malloc_run_state 77 78-79 80-89 90-96
free_run_state 98 99-109
memory_map_weights 111 112 113-114 115-134 135-136 137-138 139-140
read_checkpoint 142-143 144-145 146-147 148-150 151-154 155-162
build_transformer 164 165-166 167-169
free_transformer 171 172-174 175-177
rmsnorm 182 183-187 188-190 191-195
softmax 197 198-204 205-210 211-215
matmul 217 218-226 227-229
forward 231 233-242 244-246 248-249 251-252 254-257 259-262 264-279 281-284 285-286 287-288 289-290
    291-292 293-297 298 299-301 303-304 306-309 310-311 312-313 314-319 321-322 324-327 329-330
    332-335 337-339 340-341 342-345 347-348 350-354 356-357 359-362
TokenIndex 367-370
Tokenizer 372-379
compare_tokens 381 382-383
build_tokenizer 385 386-387 388-395 396-399 400-407 408-409
free_tokenizer 411 412-416
decode 418 419 420-421 422-427 428-429
safe_printf 431 432-441 442-443
str_lookup 445 446-450
encode 452 453-455 457 458-463 464-465 467-470 472-473 475-476 478-485 487-493 495-496 498-503
    504-507 509-511 513-517 519-520 522 523-524 525-532 533-534 536-540 542 543-546 547-552 554-556
    558-559 560-563 564-565 567-568 570-571
ProbIndex 577-580
Sampler 582-588
sample_argmax 590 591-599 600-601
sample_mult 603 604-612 613-614
compare 616 617-622
sample_topp 624 625-628 630 631-641 642 644-653 655-663 664-665
build_sampler 667 668-671 672-674
free_sampler 676 677-678
random_u32 680 681-686
random_f32 687 688-689
sample 691 692-694 695-696 697-699 700-701 702-703 704-705 706-707 708-712 713-714
time_in_ms 719 720-724
generate 729 730-731 733-736 737-740 742-747 749-750 752-753 754-755 756-759 760 762-763 765-769
    771-773 774 776-780 782-783
read_stdin 785 786-794
chat 802-803 805-812 814-820 822-823 824-825 826-827 828-829 830-834 835-836 837-838 839-842
    843-846 847-850 851-856 858-859 860-861 862-865 866-867 869-872 874 875-879 880-881 882-884
error_usage 891 892-904
main 906 908-917 919-921 922-925 926-936 938-942 944-947 949-951 953-955 957-959 960-961 962-965
    967-972
"""

# what Python needs no code for, and why
NOT_NEEDED = {
    (98, 109): "Python frees a list when nothing refers to it any more.",
    (171, 177): "the file is closed once it is read; Python frees the rest.",
    (367, 370): "a dict leads from a token's bytes to its id.",
    (381, 383): "a dict finds a token without sorting.",
    (411, 416): "Python frees the lists and the dict.",
    (570, 571): "Python frees the bytes.",
    (577, 580): "a tuple holds a probability and its index.",
    (616, 622): "list.sort takes a key to sort by.",
    (625, 628): "the docstring says what the nucleus is.",
    (676, 678): "Python frees the list.",
    (737, 740): "BOS is always there.",
    (782, 783): "Python frees the list.",
    (967, 972): "Python frees what is left; no exit status is success.",
}

UNITS = {}  # {"Config": [(19, 27)], "malloc_run_state": [(77, 77), (78, 79), ...], ...}
for word in TABLE.split():
    if word[0].isalpha():
        paragraphs = UNITS[word] = []
    else:
        first, _, last = word.partition("-")
        paragraphs.append((int(first), int(last or first)))
